import type { Container } from '@coucou/server/composition/container';
import type { Override } from '@coucou/server/composition/ports';
import { type App, createApp } from '@coucou/server/app';
import { loadConfig } from '@coucou/server/config';
import { createLogger } from '@coucou/observability/logger';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventBus } from '@coucou/application/ports/event-bus';
import type { SimulatedBus } from './bus.ts';
import type { DatabaseLink, SimulatedDatabase } from './database.ts';
import type { PlainSocket } from '@coucou/realtime/plain-connection';
import { environment } from '../support/environment.ts';
import type { Plant } from './plants.ts';
import { type Place, runAt } from './time/scheduler.ts';

export type Line = Readonly<{ level: string; msg: string; err?: unknown }>;

export type NodeOptions = Readonly<{
  name: string;
  skewMs: number;
  database: SimulatedDatabase;
  bus: SimulatedBus;
  headsEveryMs: number;
  plant: Plant | undefined;
  note: (node: string, line: Line) => void;
}>;

/** No simulation keeps files: what looks for them finds none. */
const NOWHERE = '/nonexistent/coucou';

/** Nodes of one database, without limits of traffic. */
export const nodeConfig = { ...loadConfig(environment({ env: { DATA_DIR: NOWHERE } })), multiNode: true };

const RESTART_MS = 200;

const asItIs = (bus: EventBus): EventBus => bus;

/** A whole node, which starts, crashes by losing its objects, and starts again. */
export class SimulatedNode {
  readonly name: string;
  readonly link: DatabaseLink = { isUp: true };
  readonly #options: NodeOptions;
  #place: Place;
  #running: Readonly<{ app: App; container: Container }> | undefined;
  #starting: Promise<void> | undefined;
  starts = 0;

  constructor(options: NodeOptions) {
    this.name = options.name;
    this.#options = options;
    this.#place = this.#newPlace();
  }

  #newPlace(): Place {
    return { name: this.name, skewMs: this.#options.skewMs, isAlive: true };
  }

  get place(): Place {
    return this.#place;
  }
  get app(): App | undefined {
    return this.#running?.app;
  }
  get container(): Container | undefined {
    return this.#running?.container;
  }

  /** Tries until it runs: its database may be away. */
  async start(): Promise<void> {
    this.#starting ??= this.#startAgain().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  async #startAgain(): Promise<void> {
    while (this.#running === undefined) {
      while (!this.link.isUp) await pause(RESTART_MS);
      this.starts += 1;
      this.#place = this.#newPlace();
      try {
        await this.#begin(this.#place);
      } catch (error) {
        this.crash();
        this.#options.note(this.name, { level: 'fatal', msg: String(error) });
        await pause(RESTART_MS);
      }
    }
  }

  async #begin(place: Place): Promise<void> {
    const { name, database, bus, headsEveryMs, plant, note } = this.#options;
    let container: Container | undefined;
    const keep: Override = (made) => {
      container = made;
    };
    const destination = { write: (text: string) => note(name, JSON.parse(text) as Line) };
    const app = await runAt(place, () =>
      createApp(
        { ...nodeConfig, instanceId: name },
        {
          embedded: database.poolOf(place, this.link),
          openEventBus: (buses) => (plant?.bus ?? asItIs)(bus.opener(place)(buses)),
          log: createLogger({ level: 'warn', format: 'json', instance: name, destination }),
          headsEveryMs,
          overrides: plant?.ports === undefined ? [keep] : [keep, plant.ports],
        },
      ),
    );
    if (container === undefined) throw new Error('composed without its overrides');
    this.#running = { app, container };
    runAt(place, () => app.start());
  }

  /** Everything that it has is gone: nothing that waits for it goes on. */
  crash(): void {
    this.#place.isAlive = false;
    this.#running = undefined;
    this.#options.database.cut(this.#place);
  }

  accept(socket: PlainSocket): void {
    const request = { url: '/ws', headers: { 'user-agent': 'simulated' }, socket: { remoteAddress: '192.0.2.1' }, connection: {} };
    this.app?.accept(socket, request as never);
  }
}

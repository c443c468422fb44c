import type { Shown } from '../faults/checkers/history.ts';
import type { Payload } from '../support/event-log.ts';

/**
 * What was sent under which id, and where it stands. The checkers know messages that never change: what was edited or deleted since is shown to them
 * as it was sent, under its new version.
 */
export class Ledger {
  readonly #sent = new Map<string, string>();
  readonly #at = new Map<string, Pick<Shown, 'sender' | 'id'>>();

  sent(id: string, value: string): void {
    this.#sent.set(id, value);
  }

  /** As whoever sees a message writes it down. */
  shown(conversation: string, { seq, version, senderId: sender, clientMessageId: id, content }: Payload): Shown {
    this.#at.set(`${conversation} ${seq}`, { sender, id });
    return { seq, version, sender, id, value: this.value(id, content) };
  }

  /** Of an event that names a message without it; undefined where nobody has seen it. */
  changed(conversation: string, seq: number, version: number): Shown | undefined {
    const found = this.#at.get(`${conversation} ${seq}`);
    return found && { ...found, seq, version, value: this.value(found.id, undefined) };
  }

  /** An edit keeps what was sent at its beginning. */
  value(id: string, content: string | undefined): string {
    const sent = this.#sent.get(id);
    return sent !== undefined && (content === undefined || content.startsWith(sent)) ? sent : (content ?? 'nothing');
  }
}

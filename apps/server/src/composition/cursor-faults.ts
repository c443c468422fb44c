import { cursorFields } from '@coucou/application/kernel/execute';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { z } from 'zod';

/** A field by whose name a reader expects a cursor. */
const named = /cursor$/i;

/** The cursor that each one answered leads on by. */
const leadsOn: Readonly<Record<(typeof cursorFields.output)[number], (typeof cursorFields.input)[number]>> = {
  nextCursor: 'cursor',
  headsCursor: 'headsCursor',
};

/**
 * What keeps a cursor from being sealed and opened around its operation: it has another name, stands below the top level, or is no text; or
 * the operation does not take what it answers, or does not say what it answers to a cursor that it did not issue.
 */
export const cursorFaults = (operations: readonly Operation[]): string[] => operations.flatMap(faultsOf);

/** Contracts never change, and a process of tests starts hundreds of servers. */
const judged = new WeakMap<Operation, readonly string[]>();

function faultsOf(operation: Operation): readonly string[] {
  const before = judged.get(operation);
  if (before !== undefined) return before;
  const { name, input, output, errors } = operation;
  const taken = cursorsOf(input, cursorFields.input);
  const answered = output === undefined ? { found: [], misplaced: [] } : cursorsOf(output, cursorFields.output);
  const missing = Object.entries(leadsOn).filter(([out, back]) => answered.found.includes(out) && !taken.found.includes(back));
  const faults = [
    ...[...taken.misplaced, ...answered.misplaced].map(
      (field) =>
        `${name}: the cursor ${field} would not be sealed: an operation takes text as ${cursorFields.input.join(' or ')} and answers it as ${cursorFields.output.join(' or ')}, at the top level`,
    ),
    ...missing.map(([out, back]) => `${name}: answers ${out} and does not take it as ${back}`),
    ...(taken.found.length > 0 && !errors.includes('CURSOR_INVALID') ? [`${name}: takes a cursor and does not name CURSOR_INVALID`] : []),
  ];
  judged.set(operation, faults);
  return faults;
}

type Def = Readonly<{ type: string; shape?: Readonly<Record<string, z.ZodType>> }> & Readonly<Record<string, unknown>>;
const defOf = (schema: z.ZodType): Def => schema._zod.def as unknown as Def;

const isSchema = (value: unknown): value is z.ZodType => typeof value === 'object' && value !== null && '_zod' in value;

/** What a schema is made of without the fields of an object. */
const madeOf = (def: Def): z.ZodType[] =>
  Object.entries(def).flatMap(([key, value]) => (key === 'shape' ? [] : [value].flat().filter((part) => isSchema(part))));

/** Wrappers and choices: what they hold stands where they stand. */
const transparent = new Set('optional nullable default prefault nonoptional readonly catch pipe union intersection'.split(' '));

function cursorsOf(schema: z.ZodType, allowed: readonly string[]): Readonly<{ found: readonly string[]; misplaced: readonly string[] }> {
  const found = new Set<string>();
  const misplaced = new Set<string>();
  const seen = { top: new Set<z.ZodType>(), below: new Set<z.ZodType>() };
  const visit = (part: z.ZodType, level: keyof typeof seen): void => {
    if (seen[level].has(part)) return;
    seen[level].add(part);
    const def = defOf(part);
    for (const [name, field] of Object.entries(def.shape ?? {})) {
      if (named.test(name)) (level === 'top' && allowed.includes(name) && isText(field) ? found : misplaced).add(name);
      visit(field, 'below');
    }
    for (const inner of madeOf(def)) visit(inner, transparent.has(def.type) ? level : 'below');
  };
  visit(schema, 'top');
  return { found: [...found], misplaced: [...misplaced] };
}

const isText = (schema: z.ZodType): boolean => {
  const def = defOf(schema);
  return def.type === 'string' || (transparent.has(def.type) && madeOf(def).length > 0 && madeOf(def).every(isText));
};

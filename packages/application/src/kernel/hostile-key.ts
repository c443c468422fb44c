const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** Deeper than any schema here; the walk must not exhaust the stack. */
const DEEPEST = 64;

/** `JSON.parse` creates own `__proto__` keys, which schemas ignore silently; answers the path of the first one, if any. */
export function hostileKey(value: unknown, path: readonly (string | number)[] = []): readonly (string | number)[] | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  if (path.length > DEEPEST) return path;
  const isArray = Array.isArray(value);
  for (const [key, inner] of Object.entries(value)) {
    if (forbidden.has(key)) return [...path, key];
    if (typeof inner !== 'object' || inner === null) continue;
    const found = hostileKey(inner, [...path, isArray ? Number(key) : key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

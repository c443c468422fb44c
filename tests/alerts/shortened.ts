import { parse, stringify } from 'yaml';

export type Rule = { record?: string; alert?: string; expr: string; for?: string };
export type RulesFile = { groups: { name: string; interval?: string; rules: Rule[] }[] };

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `5m` by a factor of 120: `2500ms`. */
const shorter = (duration: string, factor: number): string => {
  const [, number = '', unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const seconds = Number(number) * (SECONDS[unit] ?? Number.NaN);
  if (!Number.isFinite(seconds)) throw new Error(`not a duration: ${duration}`);
  return `${Math.round((seconds * 1_000) / factor)}ms`;
};

/**
 * The rules, so that hours are minutes. Divided by the factor of its group is each range (`[5m]`), each `for`, and each threshold of ten or more
 * that a metric in seconds is compared with (`coucou_outbox_lag_seconds) > 60`). Shares, counts, labels and the logic stay as they are.
 */
export function shortened(text: string, factorOf: (group: string) => number): string {
  const { groups } = parse(text) as RulesFile;
  return stringify({
    groups: groups.map(({ name, rules }) => {
      const factor = factorOf(name);
      return {
        name,
        rules: rules.map((rule) => ({
          ...rule,
          expr: rule.expr
            .replaceAll(/\[(\w+)\]/g, (_, duration: string) => `[${shorter(duration, factor)}]`)
            .replaceAll(
              /(_seconds(?:\{[^}]*\})?\)? > )(\d{2,})\b/g,
              (_, before: string, seconds: string) => `${before}${Number(seconds) / factor}`,
            ),
          ...(rule.for !== undefined && { for: shorter(rule.for, factor) }),
        })),
      };
    }),
  });
}

import bowser from 'bowser';

export type DeviceNames = Readonly<{ device?: string; browser?: string; os?: string }>;

const joined = (...parts: readonly (string | undefined)[]): string | undefined =>
  parts.filter((part) => part !== undefined && part !== '').join(' ') || undefined;

/** What a user agent says of itself, for a person who looks through their devices. Anybody can claim anything, so nothing is decided by it. */
export function deviceOf(userAgent: string): DeviceNames {
  if (userAgent === '') return {};
  const { browser, os, platform } = bowser.parse(userAgent);
  const names = {
    device: joined(platform.vendor, platform.model) ?? platform.type,
    browser: joined(browser.name, browser.version?.split('.')[0]),
    os: joined(os.name, os.versionName ?? os.version),
  };
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
}

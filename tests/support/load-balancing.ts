const MODES = ['haproxy', 'haproxy-sticky'] as const;

/** By `E2E_BEHIND`: what the end-to-end suites run behind; undefined where they run against one server. */
export const behind = MODES.find((each) => each === process.env['E2E_BEHIND']);
if (process.env['E2E_BEHIND'] !== undefined && behind === undefined) throw new Error(`E2E_BEHIND is one of ${MODES.join(', ')}`);

/** Long polling takes several requests, which have to come to the same node. */
export const canPoll = behind !== 'haproxy';

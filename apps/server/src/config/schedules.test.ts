import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';

describe('when jobs run', () => {
  it('is as each of them says, in UTC', () => {
    const { timings, zone } = loadConfig({}).schedules;
    expect([timings.size, zone.name]).toEqual([0, 'UTC']);
  });

  it('is what SCHEDULES says of some', () => {
    const { timings, zone } = loadConfig({
      SCHEDULES: ' users.trimFeeds = 30 4 * * sun ;attachments.collect=every 90m;',
      SCHEDULES_TIME_ZONE: 'America/St_Johns',
    }).schedules;
    expect([...timings]).toEqual([
      ['users.trimFeeds', { cron: '30 4 * * sun' }],
      ['attachments.collect', { everyMs: 5_400_000 }],
    ]);
    expect(zone.name).toBe('America/St_Johns');
  });

  it.each([
    ['users.trimFeeds', 'SCHEDULES has "users.trimFeeds"; write job=when, for example'],
    ['a=b=c', 'SCHEDULES has "a=b=c"'],
    ['users.trim=every 1h', 'SCHEDULES names "users.trim", which is no job; there are '],
    ['users.trimFeeds=every 1h; users.trimFeeds=every 2h', 'SCHEDULES names users.trimFeeds twice'],
    ['users.trimFeeds=* * * * * *', 'SCHEDULES, users.trimFeeds: a cron expression has five fields'],
    ['users.trimFeeds=0 0 30 2 *', 'SCHEDULES, users.trimFeeds: no month of "2" has a day "30"'],
    ['users.trimFeeds=0 25 * * *', '"25" is no hour: write numbers from 0 to 23'],
    ['users.trimFeeds=every 0s', '"every 0s" is no interval: write "every 30s"'],
    ['users.trimFeeds=every 32d', 'from 1s to 31d'],
    ['users.trimFeeds=every hour', '"every hour" is no interval'],
    ['users.trimFeeds=', 'five fields'],
  ])('is refused: %s', (SCHEDULES, fault) => {
    expect(() => loadConfig({ SCHEDULES })).toThrow(fault);
  });

  it.each(['Europe/Berlinn', '+02:00', ' '])('is in no zone %j', (SCHEDULES_TIME_ZONE) => {
    expect(() => loadConfig({ SCHEDULES_TIME_ZONE })).toThrow(/SCHEDULES_TIME_ZONE is ".*", but must be a name of the IANA/);
  });

  it('may be every second', () => {
    expect(loadConfig({ SCHEDULES: 'users.trimFeeds=every 1s' }).schedules.timings.get('users.trimFeeds')).toEqual({ everyMs: 1_000 });
  });
});

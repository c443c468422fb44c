import { MOST_WINDOWS_AHEAD } from '@coucou/application/kernel/gcra';
import { script } from './script.ts';

/**
 * Settles what a node has granted and takes what it waits for, of many buckets. Per key: how many rates it has and how many tokens are wanted; then for
 * each rate the interval of a token, the window, what the node has taken, and how far its bucket was ahead at least, or 0 where Redis knows; all
 * times in microseconds. Answers per key how many of the wanted tokens were there, and how far each rate is ahead now.
 */
export const SETTLE = script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local at, answers = 1, {}
local function arg()
  at = at + 1
  return tonumber(ARGV[at - 1])
end
for _, key in ipairs(KEYS) do
  local rates, granted = arg(), arg()
  local stored = {}
  for tat in string.gmatch(redis.call('GET', key) or '', '%d+') do stored[#stored + 1] = tonumber(tat) end
  local ahead, interval, window = {}, {}, {}
  for i = 1, rates do
    interval[i], window[i] = arg(), arg()
    local own, floor = arg(), arg()
    local known = math.max(0, (stored[i] or 0) - now)
    if known > ${MOST_WINDOWS_AHEAD} * window[i] then known = window[i] end
    ahead[i] = math.min(math.max(known + own, floor, 0), ${MOST_WINDOWS_AHEAD} * window[i])
    -- A hundredth of a token: times are kept in whole microseconds.
    granted = math.max(0, math.min(granted, math.floor((window[i] - ahead[i]) / interval[i] + 0.01)))
  end
  local tats, longest = {}, 0
  answers[#answers + 1] = granted
  for i = 1, rates do
    ahead[i] = ahead[i] + granted * interval[i]
    longest = math.max(longest, ahead[i])
    tats[i] = string.format('%.0f', now + ahead[i])
    answers[#answers + 1] = math.floor(ahead[i] + 0.5)
  end
  if longest >= 1000 then redis.call('SET', key, table.concat(tats, ' '), 'PX', math.ceil(longest / 1000))
  else redis.call('DEL', key) end
end
return answers`);

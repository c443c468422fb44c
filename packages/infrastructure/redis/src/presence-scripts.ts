import { type Script, script } from './script.ts';

/**
 * How long a node counts as alive after it was last heard of, how long its people count as present beyond, and how often it is heard of at least: it
 * died within that time after its last sign.
 */
export const LEASE = { liveMs: 2_500, graceMs: 2_500, renewMs: 500 };
/** People of a dead node that one script takes. */
const TAKEN_AT_ONCE = 200;
const SCANNED_AT_ONCE = 1_000;

/**
 * What all scripts begin with. Keys: the leases (run → end, in ms of Redis' clock), what was told of each person who is not offline, the epoch, which
 * changes when Redis has lost everything, and the runs that have yet to register people whom Redis has lost. Arguments: what the key of a run's
 * people begins with, the run of the node that asks, an epoch if there is none. Every script renews the lease of that run. The people of a run are a
 * hash of person → devices, of which the first letter says how present they are together; `entries` answers those of a person on the other runs.
 */
const PRELUDE = `
local prefix, own = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local us = time[1] * 1000000 + time[2]
local now = math.floor(us / 1000)
local epoch = redis.call('GET', KEYS[3])
if not epoch then
  epoch = ARGV[3]
  redis.call('SET', KEYS[3], epoch)
end
local isKnown = redis.call('ZSCORE', KEYS[1], own) and 1 or 0
redis.call('ZADD', KEYS[1], now + ${LEASE.liveMs}, own)
local runs = redis.call('ZRANGEBYSCORE', KEYS[1], now - ${LEASE.graceMs}, '+inf')
local edges = {}

local function entries(person)
  local best, values = '', {}
  for _, run in ipairs(runs) do
    local value = run ~= own and redis.call('HGET', prefix .. run, person)
    if value then
      values[#values + 1] = value
      if best ~= 'o' then best = string.sub(value, 1, 1) end
    end
  end
  return best, values
end

local function settle(person, mine, known, ago)
  local best, values = entries(person)
  local status = best
  if mine == 'o' or best == '' then status = mine end
  local stored = redis.call('HGET', KEYS[2], person)
  if status ~= (stored or '') then
    if status == '' then redis.call('HDEL', KEYS[2], person) else redis.call('HSET', KEYS[2], person, status) end
  end
  if status ~= (stored or known) then edges[#edges + 1] = {person, ago, values} end
  return best
end
`;

/**
 * Sets the devices of people on this node. Per person: who, their devices or nothing, what this node knows to have been told of them, and in which
 * epoch: a Redis that has lost everything takes that for told. Answers how present each is on other nodes, and whose status changed.
 */
export const UPDATE: Script = script(`${PRELUDE}
local elsewhere = {}
for at = 4, #ARGV, 4 do
  local person, value = ARGV[at], ARGV[at + 1]
  if value == '' then redis.call('HDEL', prefix .. own, person) else redis.call('HSET', prefix .. own, person, value) end
  local known = ''
  if ARGV[at + 3] ~= epoch then known = ARGV[at + 2] end
  elsewhere[#elsewhere + 1] = settle(person, string.sub(value, 1, 1), known, 0)
end
return {epoch, isKnown, us, elsewhere, edges}`);

/**
 * Renews the lease, and takes people from nodes whose lease and its grace are over, some at a time, so that nodes share that work and each person is
 * taken once. `leave` renews it for the last time, as one that ends at half a millisecond; the last node to leave takes the people of all others at
 * once. `partial`: this node has yet to register people whom Redis has lost. Answers whose status changed by that, and how long ago; which runs are dead
 * and have people; all that count; whether others are alive; whether more is to be taken; and how many others have yet to register people.
 */
export const TICK: Script = script(`${PRELUDE}
redis.call(ARGV[4] == 'partial' and 'SADD' or 'SREM', KEYS[4], own)
if ARGV[4] == 'leave' then redis.call('ZADD', KEYS[1], string.format('%.1f', now + ${LEASE.liveMs} + 0.5), own) end
local leases = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local alive = 0
for at = 1, #leases, 2 do
  local ended = tonumber(leases[at + 1])
  if leases[at] ~= own and ended >= now and ended % 1 == 0 then alive = 1 end
end
local isLast = ARGV[4] == 'leave' and alive == 0
if isLast then runs = {own} end
local gone, more = {}, 0
for at = 1, #leases, 2 do
  local run, ended = leases[at], tonumber(leases[at + 1])
  if run ~= own and (isLast or ended < now) then
    if more == 0 and (isLast or ended + ${LEASE.graceMs} < now) then
      local taken = redis.call('HSCAN', prefix .. run, '0', 'COUNT', ${TAKEN_AT_ONCE})[2]
      for each = 1, #taken, 2 do
        redis.call('HDEL', prefix .. run, taken[each])
        local mine = redis.call('HGET', prefix .. own, taken[each]) or ''
        settle(taken[each], string.sub(mine, 1, 1), '', now - ended + ${LEASE.liveMs - LEASE.renewMs})
      end
      if #taken > 0 then more = 1 end
    end
    if redis.call('EXISTS', prefix .. run) == 1 then gone[#gone + 1] = run else redis.call('ZREM', KEYS[1], run) end
    redis.call('SREM', KEYS[4], run)
  end
end
local partial = redis.call('SCARD', KEYS[4]) - redis.call('SISMEMBER', KEYS[4], own)
return {epoch, isKnown, us, edges, gone, runs, alive, more, partial}`);

/** The devices that people have on other nodes. */
export const READ: Script = script(`${PRELUDE}
local found = {}
for at = 4, #ARGV do
  local _, values = entries(ARGV[at])
  found[#found + 1] = values
end
return {epoch, isKnown, us, found}`);

/** The people that Redis has on this node. */
export const OWN: Script = script(`${PRELUDE}
return {epoch, isKnown, us, redis.call('HKEYS', prefix .. own)}`);

/** Who is not offline, from a cursor on: as \`HSCAN\` answers. */
export const SCAN: Script = script(`${PRELUDE}
local page = redis.call('HSCAN', KEYS[2], ARGV[4], 'COUNT', ${SCANNED_AT_ONCE})
return {epoch, isKnown, us, page[1], page[2]}`);

-- One operation on the ledger. Redis runs it alone, so that nothing comes between its reads and writes.
--
-- KEYS: state, hosts, accounts, entries of the account, times of the account
-- ARGV: operation, account, id, boot, milliseconds since then, how long messages are kept, the longest window, ...
-- An entry is "seq|at|lease|sender|octets|recipients|web|fingerprint|hashes". Times are milliseconds of the ledger's time, which
-- is explained in clock.go.
local state, hosts, names, entries, times = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local op, account, id, boot, since, keep, longest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local function whole(n) return string.format('%.0f', n) end

local function tick()
  local t = redis.call('TIME')
  local wall = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
  local last = redis.call('HMGET', state, 'wall', 'ledger')
  local now = wall
  if last[1] then
    local ledger = tonumber(last[2])
    now = ledger + math.max(0, wall - tonumber(last[1]))
    local mark = boot ~= '' and redis.call('HGET', hosts, boot)
    if mark then
      local s, l = string.match(mark, '^(%d+)|(%d+)$')
      local elapsed = since - tonumber(s)
      if elapsed >= 0 then
        local counted = tonumber(l) + elapsed
        local slack = 5000 + math.floor(elapsed / 100)
        if now - counted > slack or counted - now > slack then now = counted end
      end
    end
    now = math.max(now, ledger)
  end
  return now, wall
end

local now, wall = tick()

local function remember()
  redis.call('HSET', state, 'wall', whole(wall), 'ledger', whole(now))
  if boot ~= '' then redis.call('HSET', hosts, boot, whole(since) .. '|' .. whole(now)) end
end

local function remove(keep)
  local old = redis.call('ZRANGEBYSCORE', times, '-inf', '(' .. whole(now - keep))
  for _, x in ipairs(old) do
    redis.call('HDEL', entries, x)
    redis.call('ZREM', times, x)
  end
  if redis.call('ZCARD', times) == 0 then redis.call('SREM', names, account) end
  return #old
end

local function all()
  local list = redis.call('HGETALL', entries)
  table.insert(list, 1, whole(now))
  return list
end

if op == 'read' then return all() end

if op == 'add' then
  remember()
  remove(keep)
  local seq = redis.call('HINCRBY', state, 'seq', 1)
  redis.call('HSET', entries, id, whole(seq) .. '|' .. whole(now) .. '|' .. whole(now + tonumber(ARGV[8])) .. '|' .. ARGV[9])
  redis.call('ZADD', times, whole(now), id)
  redis.call('SADD', names, account)
  -- An account that sends no more is forgotten, long after its last window.
  redis.call('PEXPIRE', entries, 2 * longest)
  redis.call('PEXPIRE', times, 2 * longest)
  return all()
end

if op == 'commit' then
  remember()
  local entry = redis.call('HGET', entries, id)
  if not entry then return {'ended'} end
  local seq, at, lease, tail = string.match(entry, '^(%d+)|(%d+)|(%d+)|(.*)$')
  lease = tonumber(lease)
  if lease == 0 then return {'ok'} end
  if lease <= now then return {'ended'} end
  redis.call('HSET', entries, id, seq .. '|' .. whole(now) .. '|0|' .. tail)
  redis.call('ZADD', times, whole(now), id)
  return {'ok'}
end

if op == 'release' then
  redis.call('HDEL', entries, id)
  redis.call('ZREM', times, id)
  return {'ok'}
end

if op == 'prune' then
  remember()
  return {whole(remove(tonumber(ARGV[8])))}
end

return redis.error_reply('no operation ' .. op)

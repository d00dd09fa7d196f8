-- Writes a batch of readings. Whatever the order and number of times that
-- batches come in, the state afterwards is the same.
--
-- KEYS  for each station: latest, recent, recent:docs
-- ARGV  how many recent readings are kept; then for each station
--       the number of its latest readings, and for each: kind, entry;
--       the number of its recent ones, and for each: id, time, entry

-- The fixed part of an entry; see layout.go of the tables.
local TS, PARTITION, OFFSET, TOPIC = 17, 27, 46, 49

-- Digits of one width compare alike in every locale.
local function newer(a, b)
  local x, y = string.sub(a, 2, TS), string.sub(b, 2, TS)
  if x ~= y then return x > y end
  local n, m = tonumber(string.sub(a, OFFSET + 1, TOPIC)), tonumber(string.sub(b, OFFSET + 1, TOPIC))
  for i = 1, math.min(n, m) do
    local c, d = string.byte(a, TOPIC + i), string.byte(b, TOPIC + i)
    if c ~= d then return c > d end
  end
  if n ~= m then return n > m end
  return string.sub(a, TS + 1, OFFSET) > string.sub(b, TS + 1, OFFSET)
end

-- What stands for an entry in the sorted set; see Member in layout.go.
local function member(entry, id)
  local topic = TOPIC + tonumber(string.sub(entry, OFFSET + 1, TOPIC))
  return string.sub(entry, TOPIC + 1, topic) .. '\0' .. string.sub(entry, TS + 1, OFFSET) .. '\0' .. id
end

-- The identity in a member. What has another form is its own: it was written
-- by an earlier version, or is somebody else's.
local function identity(m)
  local zero = string.find(m, '\0', 1, true)
  return zero and string.sub(m, zero + OFFSET - TS + 2) or m
end

local keep = tonumber(ARGV[1])
local at = 2
for s = 1, #KEYS, 3 do
  local latest, recent, docs = KEYS[s], KEYS[s + 1], KEYS[s + 2]
  local n = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, n do
    local kind, entry = ARGV[at], ARGV[at + 1]
    at = at + 2
    local old = redis.call('HGET', latest, kind)
    if not old or newer(entry, old) then
      redis.call('HSET', latest, kind, entry)
    end
  end
  n = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, n do
    local id, time, entry = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    at = at + 3
    -- What was trimmed and comes again is trimmed again: the newer ones that
    -- pushed it out are still there, or gave way to still newer ones.
    local old = redis.call('HGET', docs, id)
    if not old or newer(entry, old) then
      if old then
        redis.call('ZREM', recent, member(old, id), id)
      end
      redis.call('HSET', docs, id, entry)
      redis.call('ZADD', recent, time, member(entry, id))
    end
  end
  local extra = redis.call('ZCARD', recent) - keep
  if extra > 0 then
    for _, m in ipairs(redis.call('ZRANGE', recent, 0, extra - 1)) do
      redis.call('HDEL', docs, identity(m))
    end
    redis.call('ZREMRANGEBYRANK', recent, 0, extra - 1)
  end
end
return #KEYS / 3

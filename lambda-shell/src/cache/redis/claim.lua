-- Ledger::claim. ARGV: now, owner, until, day
-- Returns {'busy', until}, {'nothing'} or {'uses', told, minute, uses, minute, uses, ..}.
local fields = redis.call('HGETALL', KEYS[1])
local hash = {}
for i = 1, #fields, 2 do
  hash[fields[i]] = fields[i + 1]
end
local lease = tonumber(hash['until'] or 0)
if tonumber(ARGV[1]) < lease then
  return { 'busy', lease }
end
redis.call('HDEL', KEYS[1], 'bell', 'owner', 'until')
local told = tonumber(hash['told'] or 0)
if tonumber(hash['uses'] or 0) <= told then
  return { 'nothing' }
end
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'until', ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
local claimed = { 'uses', told }
for field, count in pairs(hash) do
  if string.sub(field, 1, 2) == 'm:' then
    claimed[#claimed + 1] = tonumber(string.sub(field, 3))
    claimed[#claimed + 1] = tonumber(count)
  end
end
return claimed

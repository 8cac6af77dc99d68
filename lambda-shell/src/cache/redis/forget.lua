-- Ledger::forget. ARGV: now, day, keep
-- Returns whether there was a ledger.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HDEL', KEYS[1], 'entry', 'fresh', 'cap')
redis.call('HSET', KEYS[1], 'forgotten', ARGV[1])
local uses, told = unpack(redis.call('HMGET', KEYS[1], 'uses', 'told'))
local has_untold = tonumber(uses or 0) > tonumber(told or 0)
redis.call('PEXPIREAT', KEYS[1], has_untold and ARGV[2] or ARGV[3])
return 1

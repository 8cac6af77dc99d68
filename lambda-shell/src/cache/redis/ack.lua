-- Ledger::ack. ARGV: owner, day, keep, applied by, minute, uses, minute, uses, ..
-- Returns how many uses are untold, or -1 if the lease is not the owner's.
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return -1
end
-- Deletes first: from then on a server without memory lets the rest pass. What 3scale was told must not be told again.
redis.call('HDEL', KEYS[1], 'owner', 'until')
local told
for i = 5, #ARGV, 2 do
  local minute = 'm:' .. ARGV[i]
  -- `-ARGV[i + 1]` would make -0 of 0, which HINCRBY refuses.
  if redis.call('HEXISTS', KEYS[1], minute) == 1 and redis.call('HINCRBY', KEYS[1], minute, 0 - ARGV[i + 1]) <= 0 then
    redis.call('HDEL', KEYS[1], minute)
  end
  told = redis.call('HINCRBY', KEYS[1], 'told', ARGV[i + 1])
end
redis.call('HSET', KEYS[1], 'applied_by', ARGV[4])
told = told or tonumber(redis.call('HGET', KEYS[1], 'told') or 0)
local untold = math.max(0, tonumber(redis.call('HGET', KEYS[1], 'uses') or 0) - told)
redis.call('PEXPIREAT', KEYS[1], untold > 0 and ARGV[2] or ARGV[3])
return untold

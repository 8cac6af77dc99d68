-- Ledger::record. ARGV: now, bell, minute, day
redis.call('HINCRBY', KEYS[1], 'uses', 1)
redis.call('HINCRBY', KEYS[1], 'm:' .. ARGV[3], 1)
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
if tonumber(ARGV[1]) < tonumber(redis.call('HGET', KEYS[1], 'bell') or 0) then
  return 0
end
redis.call('HSET', KEYS[1], 'bell', ARGV[2])
return 1

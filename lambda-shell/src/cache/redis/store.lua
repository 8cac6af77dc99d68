-- Ledger::store. ARGV: believed (1 or 0), entry, fresh, room ('unlimited' or a number), is_denial (1 or 0),
--                      told at the ask, own (1 or 0), day, keep, applied by, asked
local uses = tonumber(redis.call('HGET', KEYS[1], 'uses') or 0)
local told = tonumber(redis.call('HGET', KEYS[1], 'told') or 0)
local base = math.min(tonumber(ARGV[6]), told)
if ARGV[7] == '1' then
  uses = redis.call('HINCRBY', KEYS[1], 'uses', 1)
  told = redis.call('HINCRBY', KEYS[1], 'told', 1)
  redis.call('HSET', KEYS[1], 'applied_by', ARGV[10])
  base = base + 1
end
local forgotten = redis.call('HGET', KEYS[1], 'forgotten')
if ARGV[1] == '1' and (not forgotten or tonumber(ARGV[11]) > tonumber(forgotten)) then
  redis.call('HSET', KEYS[1], 'entry', ARGV[2], 'fresh', ARGV[3])
  if ARGV[4] == 'unlimited' then
    redis.call('HDEL', KEYS[1], 'cap')
  elseif ARGV[5] == '1' then
    redis.call('HSET', KEYS[1], 'cap', 0)
  else
    redis.call('HSET', KEYS[1], 'cap', string.format('%.0f', tonumber(ARGV[4]) + base))
  end
end
if uses > told then
  redis.call('PEXPIREAT', KEYS[1], ARGV[8])
elseif uses > 0 or forgotten then
  redis.call('PEXPIREAT', KEYS[1], ARGV[9])
else
  redis.call('PEXPIREAT', KEYS[1], ARGV[3])
end

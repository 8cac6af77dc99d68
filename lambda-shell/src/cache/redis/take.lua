-- Ledger::take. ARGV: now, bell, minute, day, keep
local entry, fresh, cap, uses, told, applied_by, bell, lease =
  unpack(redis.call('HMGET', KEYS[1], 'entry', 'fresh', 'cap', 'uses', 'told', 'applied_by', 'bell', 'until'))
local now = tonumber(ARGV[1])
fresh, cap = tonumber(fresh or 0), tonumber(cap or nil)
uses, told = tonumber(uses or 0), tonumber(told or 0)
local took, ring = 0, 0
if entry and now < fresh and (not cap or uses < cap) then
  took = 1
  uses = redis.call('HINCRBY', KEYS[1], 'uses', 1)
  redis.call('HINCRBY', KEYS[1], 'm:' .. ARGV[3], 1)
  redis.call('PEXPIREAT', KEYS[1], ARGV[4])
elseif uses > 0 and uses == told then
  redis.call('PEXPIREAT', KEYS[1], ARGV[5])
end
if uses > told and (took == 1 or now >= tonumber(lease or 0)) and now >= tonumber(bell or 0) then
  ring = 1
  redis.call('HSET', KEYS[1], 'bell', ARGV[2])
end
return { took, ring, uses, told, tonumber(applied_by or 0), fresh, cap or false, entry }

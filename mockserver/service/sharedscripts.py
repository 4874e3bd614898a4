"""The steps on shared state that nobody comes between: each is one script that Redis runs as a whole.

A tenant is a hash (`v` names the version of what was set, the rest are its parts) and three keys beside it, by one name
and `:journal`, `:charges` or `:places`. The version changes with what is set, not with what is counted. Not for a
cluster, where keys of one script may be on several machines.

A Redis that runs out of room may drop any key. So a sum is in one key with what it is of, and is dropped with that: of
the journals' sizes the field `:total`, of the uploads (each with its size, by the time of its last use) the member
`total`, less than nothing and so before all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1

from .state import MOST_BYTES, MOST_BYTES_OF_ALL, MOST_ENTRIES
from .statebooks import MOST_CHARGES

# The number is that of the layout: what another one left is neither read nor touched.
PREFIX = "pixelpact:2:"
TENANT = f"{PREFIX}tenant:"
MOST_TENANTS = 1000
# Since it was last used. Seconds.
KEPT = 7 * 86_400
# Beyond those that are kept, so that not each call has to clear one away; nobody is shown them.
SPARE = 100
# A place of a call whose server died is free again after this. Seconds.
LEASE = 300


@dataclass(frozen=True)
class Script:
    """A script, and the name that Redis knows it by."""

    text: str

    @cached_property
    def sha(self) -> str:
        """What EVALSHA wants."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()


_COMMON = f"""
local TENANT, TENANTS, SIZES, TOTAL = '{TENANT}', '{PREFIX}tenants', '{PREFIX}sizes', ':total'
local call = redis.call
local function keep(...) for _, key in ipairs({{...}}) do call('EXPIRE', key, {KEPT}) end end
local function sized(name, size)
  local more = size - tonumber(call('HGET', SIZES, name) or 0)
  call('HSET', SIZES, name, size)
  return call('HINCRBY', SIZES, TOTAL, more)
end
local function forget(name)
  local hash = TENANT .. name
  call('DEL', hash, hash .. ':journal', hash .. ':charges', hash .. ':places')
  sized(name, 0)
  call('HDEL', SIZES, name)
  call('ZREM', TENANTS, name)
end
local function paid(hash, price, pictures, charge)
  call('HINCRBY', hash, 'spent', price)
  call('HINCRBY', hash, 'pictures', pictures)
  call('RPUSH', hash .. ':charges', charge)
  call('LTRIM', hash .. ':charges', -{MOST_CHARGES}, -1)
end
"""


def _script(body: str) -> Script:
    return Script(f"{_COMMON}{body}")


# name, field, value, … → all fields, of a tenant that was there already too. Who was not used for longest goes.
CREATE = _script(f"""
local hash, now = TENANT .. ARGV[1], tonumber(call('TIME')[1])
if call('HEXISTS', hash, 'v') == 0 then
  forget(ARGV[1])
  call('HSET', hash, unpack(ARGV, 2))
  call('ZADD', TENANTS, now, ARGV[1])
  for _, old in ipairs(call('ZRANGEBYSCORE', TENANTS, '-inf', now - {KEPT})) do forget(old) end
  for _, old in ipairs(call('ZRANGE', TENANTS, 0, call('ZCARD', TENANTS) - {MOST_TENANTS})) do
    if old ~= ARGV[1] and call('ZCARD', TENANTS) > {MOST_TENANTS} then forget(old) end
  end
  keep(hash, TENANTS, SIZES)
end
return call('HGETALL', hash)
""")

# name, assumed version or '', entry, price, pictures, charge or '' → 'done', 'stale' or 'gone'. What is not of each
# call is done once in a second, or when there is too much: this is the one script that every call waits for.
COMMIT = Script(f"""
local call, hash, entry = redis.call, '{TENANT}' .. ARGV[1], ARGV[3]
local journal, charges = hash .. ':journal', hash .. ':charges'
local known = call('HMGET', hash, 'v', 'kept', 'bytes', 'written', 'spent', 'pictures')
if not known[1] then return 'gone' end
if ARGV[2] ~= '' and known[1] ~= ARGV[2] then return 'stale' end
local now, size, charged = call('TIME')[1], known[3] + #entry, 0
if ARGV[6] ~= '' then charged = call('RPUSH', charges, ARGV[6]) end
local count = call('RPUSH', journal, entry)
local spent = string.format('%.0f', known[5] + ARGV[4])
call('HSET', hash, 'bytes', size, 'written', known[4] + 1, 'spent', spent, 'pictures', known[6] + ARGV[5])
if known[2] == now and count > 1 and charged ~= 1 and count <= {MOST_ENTRIES + SPARE} and size <= {MOST_BYTES} then
  return 'done'
end
{_COMMON}
if charged > {MOST_CHARGES} then call('LTRIM', charges, -{MOST_CHARGES}, -1) end
while count > {MOST_ENTRIES} or (count > 1 and size > {MOST_BYTES}) do
  size, count = size - #call('LPOP', journal), count - 1
end
call('HSET', hash, 'bytes', size, 'kept', now)
call('ZADD', TENANTS, now, ARGV[1])
local total = sized(ARGV[1], size)
keep(hash, journal, charges, TENANTS, SIZES)
if total <= {MOST_BYTES_OF_ALL} then return 'done' end
for _, other in ipairs(call('ZRANGE', TENANTS, 0, -1)) do
  if other ~= ARGV[1] and total > {MOST_BYTES_OF_ALL} then
    call('DEL', TENANT .. other .. ':journal')
    if call('EXISTS', TENANT .. other) == 1 then call('HSET', TENANT .. other, 'bytes', 0) end
    total = sized(other, 0)
  end
end
return 'done'
""")

# name, part, old text, new text, new version or '' → 'done', or all fields, where another was there first.
CHANGE = _script("""
local hash = TENANT .. ARGV[1]
if call('HGET', hash, ARGV[2]) ~= ARGV[3] then return call('HGETALL', hash) end
call('HSET', hash, ARGV[2], ARGV[4])
if ARGV[5] ~= '' then call('HSET', hash, 'v', ARGV[5]) end
keep(hash)
return 'done'
""")

# name, price, pictures, charge → 'done', 'out' or 'gone'
TAKE = _script("""
local hash = TENANT .. ARGV[1]
local balance = call('HGET', hash, 'balance')
if not balance then return 'gone' end
if balance ~= '' then
  if tonumber(balance) <= 0 or tonumber(balance) < tonumber(ARGV[2]) then return 'out' end
  call('HINCRBY', hash, 'balance', '-' .. ARGV[2])
end
paid(hash, ARGV[2], ARGV[3], ARGV[4])
keep(hash, hash .. ':charges')
return 'done'
""")

# name → {balance, spent, pictures}, and the charges
BOOKS = _script(f"""
local hash = TENANT .. ARGV[1]
local charges = call('LRANGE', hash .. ':charges', -{MOST_CHARGES}, -1)
return {{call('HMGET', hash, 'balance', 'spent', 'pictures'), charges}}
""")

# name, balance, new version → 'done' or 'gone'
BEGIN = _script("""
local hash = TENANT .. ARGV[1]
if call('EXISTS', hash) == 0 then return 'gone' end
call('HSET', hash, 'balance', ARGV[2], 'v', ARGV[3], 'spent', 0, 'pictures', 0)
call('DEL', hash .. ':charges')
return 'done'
""")

# name → how many were written, and how many of them are kept
WRITTEN = _script(f"""
local hash = TENANT .. ARGV[1]
return {{call('HGET', hash, 'written') or 0, math.min(call('LLEN', hash .. ':journal'), {MOST_ENTRIES})}}
""")

# name →
CLEAR = _script("""
local hash = TENANT .. ARGV[1]
call('DEL', hash .. ':journal')
if call('EXISTS', hash) == 1 then call('HSET', hash, 'bytes', 0, 'written', 0) end
""")

# name, what an entry begins with, what is added to it → A Redis that ran out of room may have dropped the tenant alone.
MARK = _script("""
local hash, head = TENANT .. ARGV[1], ARGV[2]
local journal = hash .. ':journal'
if call('EXISTS', hash) == 0 then return end
for index = -1, -call('LLEN', journal), -1 do
  local text = call('LINDEX', journal, index)
  if text:sub(1, #head) == head then
    call('LSET', journal, index, text .. ARGV[3])
    call('HINCRBY', hash, 'bytes', #ARGV[3])
  end
end
""")

# name, call, most → 1 if there was a place
ENTER = _script(f"""
local places, now = TENANT .. ARGV[1] .. ':places', tonumber(call('TIME')[1])
call('ZREMRANGEBYSCORE', places, '-inf', now)
if call('ZCARD', places) >= tonumber(ARGV[3]) then return 0 end
call('ZADD', places, now + {LEASE}, ARGV[2])
call('EXPIRE', places, {LEASE})
return 1
""")

# name → how many calls have a place
TAKEN = _script("""
return call('ZCOUNT', TENANT .. ARGV[1] .. ':places', call('TIME')[1], '+inf')
""")

# name →
FORGET = _script("forget(ARGV[1])")

_UPLOADS = f"""
local UPLOAD, UPLOADS, TOTAL = '{PREFIX}upload:', '{PREFIX}uploads', 'total'
local function used(digest, size)
  local now = redis.call('TIME')
  if redis.call('ZADD', UPLOADS, now[1] + now[2] / 1000000, digest .. ':' .. size) == 1 then
    redis.call('ZINCRBY', UPLOADS, -size, TOTAL)
  end
  for _, key in ipairs({{UPLOAD .. digest, UPLOADS}}) do redis.call('EXPIRE', key, {KEPT}) end
end
local function dropped(upload)
  local digest, size = upload:match('^(.*):(.*)$')
  redis.call('DEL', UPLOAD .. digest)
  redis.call('ZREM', UPLOADS, upload)
  redis.call('ZINCRBY', UPLOADS, size, TOTAL)
end
"""

# digest → 1 if it is kept; then it was used now
USE = Script(f"""{_UPLOADS}
local key = UPLOAD .. ARGV[1]
if redis.call('EXISTS', key) == 0 then return 0 end
used(ARGV[1], redis.call('STRLEN', key))
return 1
""")

# digest, bytes, limit →  Who was not used for longest goes, but not this one.
KEEP = Script(f"""{_UPLOADS}
redis.call('SET', UPLOAD .. ARGV[1], ARGV[2])
used(ARGV[1], #ARGV[2])
while -redis.call('ZSCORE', UPLOADS, TOTAL) > tonumber(ARGV[3]) do
  local old = redis.call('ZRANGE', UPLOADS, 1, 1)[1]
  if not old or old == ARGV[1] .. ':' .. #ARGV[2] then break end
  dropped(old)
end
""")

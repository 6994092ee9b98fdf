/** KEYS: blob. ARGV: most pieces, its time to live. 1 where a list is that may be whole: it lives anew. */
export const HAS = `
if redis.call('TYPE', KEYS[1]).ok ~= 'list' or redis.call('LLEN', KEYS[1]) > tonumber(ARGV[1]) then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS: growing list. ARGV: index, piece, its time to live. How many pieces it has then; sent twice, it adds one. */
export const PUSH = `
local count = redis.call('LLEN', KEYS[1])
if count == tonumber(ARGV[1]) then count = redis.call('RPUSH', KEYS[1], ARGV[2]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return count`;

/** KEYS: growing list, blob. ARGV: the blob's time to live. 1 where the blob is there then. */
export const SETTLE = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('RENAME', KEYS[1], KEYS[2]) end
return redis.call('PEXPIRE', KEYS[2], ARGV[1])`;

/**
 * KEYS: blob. ARGV: index, most pieces, most bytes of the piece. How many pieces there are, and this one; nothing where no
 * such list is, or more is in it than was asked for: Redis tells no length of a piece, so that is looked at over there.
 */
export const READ = `
if redis.call('TYPE', KEYS[1]).ok ~= 'list' then return {} end
local count = redis.call('LLEN', KEYS[1])
local piece = redis.call('LINDEX', KEYS[1], ARGV[1])
if count > tonumber(ARGV[2]) or not piece or #piece > tonumber(ARGV[3]) then return {} end
return { count, piece }`;

-- Makes the requests of one measurement for wrk, checks the answers, and tells what was measured.
--
-- Arguments, each as name=value after `--`:
--   requests     a file with one request on each line: path, authorization, cookie, DPoP proof and
--                body, with tabs between; a request with a body is a POST of a form
--   order        cycle: over and over; once: each line once, then stop; chain: the lines are
--                bodies that end in a token, and each answer has the token for the next request
--   connections  how many requests are under way at most
--   status       the status that an answer must have
--   find         a pattern that an answer must match in its Location and body; looked at with the
--                status if there is one, else wrk counts the statuses above 399
--   keep         a file for what `find` captured, one line for each answer
local ffi = require("ffi")
ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } moment;
int clock_gettime(int clock, moment *now);
]]

local threads = {}
local now = ffi.new("moment")

local function microseconds()
    ffi.C.clock_gettime(1, now)
    return tonumber(now.seconds) * 1e6 + tonumber(now.nanoseconds) / 1e3
end

local function format(line)
    local path, authorization, cookie, proof, body =
        line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = {}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    if authorization ~= "" then headers["Authorization"] = authorization end
    if cookie ~= "" then headers["Cookie"] = cookie end
    if proof ~= "" then headers["DPoP"] = proof end
    if body == "" then return wrk.format("GET", path, headers) end
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return wrk.format("POST", path, headers, body)
end

local options, lines, first = {}, {}, 1

local function next_of_cycle()
    local line = lines[first]
    first = first % #lines + 1
    return line
end

local function next_once()
    began = began or microseconds()
    local line = lines[first]
    first = first + 1
    -- Every other connection may ask once more before the thread stops.
    if first + 2 * options.connections > #lines then wrk.thread:stop() end
    return line
end

-- The tokens that wait for their turn are a queue, so no connection has to know its own. It is
-- never empty, unless answers were wrong and had no token: then the last token goes out again.
local function next_of_chain()
    local line = lines[first]
    if not line then
        wrk.thread:stop()
        return format(lines[0])
    end
    lines[0], lines[first] = line, nil
    first = first + 1
    return format(line)
end

local function check(status, headers, body)
    local subject = (headers["Location"] or headers["location"] or "") .. "\n" .. body
    local found = { subject:match(options.find) }
    if status ~= options.status or #found == 0 then
        wrong = wrong + 1
        if wrong == 1 then complaint = status .. " " .. body:sub(1, 200) end
        return
    end
    right = right + 1
    ended = microseconds()
    if options.order == "chain" then
        last = last + 1
        lines[last] = prefix .. found[1]
    end
    if kept then kept:write(table.concat(found, "\t"), "\n") end
end

function setup(thread)
    table.insert(threads, thread)
end

function init(arguments)
    for _, argument in ipairs(arguments) do
        local name, value = argument:match("^([^=]*)=(.*)$")
        if name then options[name] = value end
    end
    options.connections = tonumber(options.connections)
    options.status = tonumber(options.status)
    right, wrong, complaint, began, ended = 0, 0, "", nil, nil
    for line in io.lines(options.requests) do
        table.insert(lines, options.order == "chain" and line or format(line))
    end
    last = #lines
    if options.order == "chain" then prefix = lines[1]:match("^(.*=)[^=]*$") end
    if options.keep and options.keep ~= "" then kept = io.open(options.keep, "w") end
    if options.find and options.find ~= "" then response = check end
    request = ({ cycle = next_of_cycle, once = next_once, chain = next_of_chain })[options.order]
end

function done(summary, latency)
    local thread = threads[1]
    local duration = summary.duration
    if thread:get("began") and thread:get("ended") then
        duration = thread:get("ended") - thread:get("began")
    end
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"seconds":%.6f,"p50":%.4f,"p99":%.4f,"status":%d,"socket":%d,'
        .. '"right":%d,"wrong":%d,"complaint":"%s"}\n',
        summary.requests, duration / 1e6, latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        thread:get("right"), thread:get("wrong"),
        (thread:get("complaint"):gsub('[%c"\\]', " "))))
end

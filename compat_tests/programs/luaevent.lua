-- The server of luaevent.py: one port echoes, one sends each line back reversed. Says in the file
-- arg[1] which ports these are.
local core = require "luaevent.core"
local socket = require "socket"

local base = core.new()
local kept = {}  -- what nobody else refers to would be collected
local timers = 0

local function listen(serve)
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  kept[#kept + 1] = base:addevent(listener:getfd(), core.EV_READ, function()
    local client = listener:accept()
    if client then
      client:settimeout(0)
      serve(client)
    end
    return core.EV_READ
  end)
  kept[#kept + 1] = listener
  return select(2, listener:getsockname())
end

-- Calls take(data) with what comes, which answers with what is to be sent.
local function converse(client, take)
  local output = core.buffer.new()
  local function step(what)
    if what == core.EV_READ then
      local data, problem, part = client:receive(65536)
      data = data or part
      if problem == "closed" and data == "" then
        output:close()
        client:close()
        kept[client] = nil
        return core.LEAVE
      end
      take(data, output)
    end
    local _, _, sent = client:send(output:get_data())
    output:drain(sent or output:length())
    return output:length() == 0 and core.EV_READ or core.EV_WRITE
  end
  kept[client] = base:addevent(client:getfd(), core.EV_READ, step)
end

local function echo(client)
  converse(client, function(data, output) output:add(data) end)
end

local function lines(client)
  local input = core.buffer.new()
  converse(client, function(data, output)
    input:add(data)
    for line in function() return input:readline() end do
      if line == "quit" then
        client:send("timers " .. timers .. "\n")
        base:loopexit(0)
      else
        output:add(line:reverse(), "\n")
      end
    end
  end)
end

for number = 1, tonumber(arg[2]) do
  kept[#kept + 1] = base:addevent(nil, core.EV_TIMEOUT, function()
    timers = timers + 1
    collectgarbage()
    return core.LEAVE
  end, number / 1000)
end
local file = assert(io.open(arg[1] .. ".new", "w"))
file:write(listen(echo), " ", listen(lines), "\n")
file:close()
os.rename(arg[1] .. ".new", arg[1])
base:loop()

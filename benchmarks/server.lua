-- What wrk sends: the targets in a file, in turn, or where a number follows instead, one registration after another.

local targets, number = {}, nil

function init(arguments)
  number = tonumber(arguments[1])
  if number == nil then
    for target in io.lines(arguments[1]) do
      targets[#targets + 1] = wrk.format("GET", target)
    end
  end
end

local turn = 0
local described = { ["Content-Type"] = "application/json" }

function request()
  if number == nil then
    turn = turn % #targets + 1
    return targets[turn]
  end
  number = number + 1
  -- 3^18 and 10^9 share no factor: each number another serial, in no order.
  local vin = string.format("YV2H05ZZ%09d", number * 387420489 % 1000000000)
  local body = string.format('{"vin": "%s", "noOfAxles": %d, "fuelType": "diesel"}', vin, 2 + number % 4)
  return wrk.format("POST", "/vehicle", described, body)
end

function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.stderr:write(string.format(
    '{"requests": %d, "seconds": %f, "wrong": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, wrong, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end

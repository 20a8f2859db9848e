-- What wrk sends: one registration after another, from the number behind that of the first argument on.
local number

function init(arguments)
  number = tonumber(arguments[1])
end

function request()
  number = number + 1
  -- 3^18 and 10^9 share no factor: each number another serial, in no order.
  local vin = string.format("YV2H05ZZ%09d", number * 387420489 % 1000000000)
  local body = string.format('{"vin": "%s", "noOfAxles": 3, "fuelType": "diesel"}', vin)
  return wrk.format("POST", "/vehicle", {["Content-Type"] = "application/json"}, body)
end

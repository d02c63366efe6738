-- FileCloud's maps as a Lua filter for Fluent Bit: what a good engineer would write for these operations. One
-- field comes out, `message`, with the CEF line.

local HEADER = "CEF:0|FileCloud|FileCloud|23.1|"
local find, gsub, format, concat, byte = string.find, string.gsub, string.format, table.concat, string.byte

local ESCAPES = { ["\\"] = "\\\\", ["="] = "\\=", ["\n"] = "\\n", ["\r"] = "\\r" }
local HEADER_ESCAPES = { ["\\"] = "\\\\", ["|"] = "\\|" }

local function in_extension(text)
  if not find(text, "[\\=%c]") then return text end
  return (gsub(text, "[\\=%z\1-\8\10-\31\127]", function(c) return ESCAPES[c] or " " end))
end

local function in_header(text)
  if not find(text, "[\\|%c]") then return text end
  return (gsub(gsub(text, "%c", " "), "[\\|]", HEADER_ESCAPES))
end

local JSON_ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function json(value)
  local kind = type(value)
  if kind == "string" then
    if find(value, '["\\%c]') then
      value = gsub(value, '["\\%c]', function(c) return JSON_ESCAPES[c] or format("\\u%04x", byte(c)) end)
    end
    return '"' .. value .. '"'
  elseif kind == "number" then
    return format("%.14g", value)
  elseif kind ~= "table" then
    return tostring(value)
  end
  local parts = {}
  if #value > 0 then
    for i = 1, #value do parts[i] = json(value[i]) end
    return "[" .. concat(parts, ",") .. "]"
  end
  for key, inner in pairs(value) do parts[#parts + 1] = json(key) .. ":" .. json(inner) end
  return "{" .. concat(parts, ",") .. "}"
end

local EMPTY = {}

-- The line under way: pieces are put together once.
local line, n = {}, 0

local function put(piece)
  n = n + 1
  line[n] = piece
end

-- One pair, a space before it; nothing for what is empty. Says whether there was one.
local function pair(key, value)
  if value == nil or value == "" then return false end
  local kind = type(value)
  if kind == "number" then
    value = format("%.14g", value)
  elseif kind == "string" then
    value = in_extension(value)
  elseif kind == "table" then
    if next(value) == nil then return false end
    value = in_extension(json(value))
  else
    value = tostring(value)
  end
  line[n + 1] = key
  line[n + 2] = value
  n = n + 2
  return true
end

local function labelled(key, value, label)
  if pair(key, value) then put(label) end
end

local function first(a, b, c)
  if a ~= nil and a ~= "" then return a end
  if b ~= nil and b ~= "" then return b end
  return c
end

local function start(r, class, name, severity)
  n = 0
  put(HEADER)
  put(class)
  put("|")
  put(name)
  put(severity)
  put(format("%.0f", r.ts * 1000))
  pair(" externalId=", r.recordId)
end

local function who(r)
  pair(" suser=", r.userName)
  pair(" shost=", r.hostname)
  pair(" recordId=", r.recordId)
  pair(" requestClientApplication=", r.userAgent)
  pair(" src=", r.ip)
end

local function metadata(r)
  labelled(" cs1=", r.metadata, " cs1Label=Metadata assigned to the file")
end

local function login(r, name)
  start(r, "login", name, "|2|rt=")
  pair(" user=", r.userName)
  pair(" ip=", r.ip)
  pair(" shost=", r.hostname)
  pair(" recordId=", r.recordId)
end

local function other(r, q)
  local operation = in_header(r.operation or "unknown")
  start(r, operation, operation, "|2|rt=")
  who(r)
  pair(" msg=", r.notes)
  pair(" fname=", q.filename)
  pair(" filePath=", first(r.realpath, q.path, q.filepath))
  pair(" duser=", q.userid)
end

local BY_OPERATION = {
  downloadfile = function(r, q)
    start(r, "FileOperations", "downloadfile", "|2|rt=")
    who(r)
    pair(" fname=", first(q.filename, r.notes))
    pair(" filePath=", first(r.realpath, q.filePath))
    pair(" fsize=", r.bandwidth)
    metadata(r)
  end,
  upload = function(r, q)
    start(r, "FileOperations", "upload", "|2|rt=")
    who(r)
    pair(" fname=", q.filename)
    pair(" filePath=", q.path)
    pair(" fsize=", r.bandwidth)
  end,
  loginguest = function(r, q)
    if tostring(r.resultCode) == "0" then return login(r, "Invalid login attempt") end
    other(r, q)
  end,
  samlsso = function(r, q)
    local code = tostring(r.resultCode)
    if code == "0" then return login(r, "Invalid SSO login attempt") end
    if code == "1" then return login(r, "Successfull SSO login attempt") end
    other(r, q)
  end,
  addusertoshare = function(r, q)
    start(r, "Shares", "addusertoshare", "|2|rt=")
    who(r)
    pair(" filePath=", r.notes)
    pair(" duser=", q.userid)
    metadata(r)
  end,
  updateshare = function(r, q)
    start(r, "Shares", "updateshare", "|2|rt=")
    who(r)
    pair(" filePath=", q.sharelocation)
    metadata(r)
  end,
  setallowpublicaccess = function(r, q)
    start(r, "Shares", "setallowpublicaccess", "|6|rt=")
    who(r)
    pair(" filePath=", r.notes)
    pair(" ispublic=", q.allowpublicaccess)
    metadata(r)
    labelled(" cs2=", q.shareid, " cs2Label=Share Identifier")
  end,
  dlp = function(r, q)
    local notes = type(r.notes) == "table" and r.notes or EMPTY
    start(r, "DLP Violation", "dlp", "|6|rt=")
    who(r)
    pair(" filePath=", r.realpath)
    pair(" msg=", notes.message)
    pair(" shareTargetEmail=", notes.shareTargetEmail)
    metadata(r)
    labelled(" cs3=", q.op, " cs3Label=DLP Violation trigger")
    labelled(" cs4=", notes.violatedRule, " cs4Label=DLP Violation rule")
  end,
  addmembertogroup = function(r, q)
    start(r, "Groups", "addmembertogroup", "|5|rt=")
    who(r)
    pair(" duser=", q.userid)
    pair(" msg=", r.notes)
  end,
}

function to_cef(tag, timestamp, record)
  local request = record.request
  if type(request) ~= "table" then request = EMPTY end
  local map = BY_OPERATION[record.operation] or other
  map(record, request)
  -- 2: the record is another, its time the same.
  return 2, timestamp, { message = concat(line, "", 1, n) }
end

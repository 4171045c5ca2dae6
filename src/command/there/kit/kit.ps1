# reachdoctor: the other end's half of one case, for Windows PowerShell 5.1.
# THIS SCRIPT HAS NEVER BEEN RUN BY ITS AUTHORS. Read it before you run it. It only reads and sends nothing.
#   powershell -ExecutionPolicy Bypass -File kit.ps1 [-For 30] [-Plan]
param([int]$For = @SECONDS@, [switch]$Plan)
$case = '@CASE@'; $target = '@TARGET@'; $port = @PORT@; $client = '@CLIENT@'
if ($Plan) {
  'Get-NetTCPConnection -State Listen -LocalPort PORT   who listens, on which address'
  'Get-NetTCPConnection -State SynReceived              answered and not completed'
  'Get-NetIPAddress, Find-NetRoute                      own addresses, the route back'
  'Get-NetIPInterface                                   whether it forwards'
  exit 0
}
if ($For -lt 2 -or $For -gt 900) { Write-Error 'usage: kit.ps1 [-For 2..900] [-Plan]'; exit 2 }
$from = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
Write-Host "Watching TCP $port for $For s; the other side should be knocking now."
$half = @{}
for ($i = 0; $i -lt $For; $i++) {
  Start-Sleep -Seconds 1
  Get-NetTCPConnection -State SynReceived -LocalPort $port -ErrorAction SilentlyContinue |
    ForEach-Object { $half["$($_.RemoteAddress):$($_.RemotePort)"] = 1 }
}
function Endpoint($a, $p) { if ("$a" -like '*:*') { "[$a]:$p" } else { "${a}:$p" } }
$listens = @(Get-NetTCPConnection -State Listen -LocalPort $port -ErrorAction SilentlyContinue |
  ForEach-Object { "$(Endpoint $_.LocalAddress $_.LocalPort) - -" })
$addresses = @(Get-NetIPAddress | ForEach-Object { "$("$($_.IPAddress)".Split('%')[0])/$($_.PrefixLength) if$($_.InterfaceIndex)" })
$route = @()
if ($client) {
  $found = Find-NetRoute -RemoteIPAddress $client -ErrorAction SilentlyContinue | Select-Object -Last 1
  $route = if ($found) { @("$client dev if$($found.InterfaceIndex)") } else { @('unreachable') }
}
$forwards = @(Get-NetIPInterface | Where-Object { "$($_.Forwarding)" -eq 'Enabled' }).Count -gt 0
$answer = [ordered]@{
  schema = 'reachdoctor.answer/1'; case = $case; by = 'kit.ps1'; privileges = 'user'; capture = 'none'
  from = $from; to = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds(); target = $target; port = $port
  system = @("Windows $([Environment]::OSVersion.Version)"); listens = $listens; halfOpen = @($half.Keys)
  addresses = $addresses; route = $route; settings = @("ipv4/ip_forward $([int]$forwards)")
  counters = @(); quiet = @(); packets = @(); grew = @(); trace = @(); rules = @{}
  notChecked = @('packets, rules and counters: kit.ps1 does not read them'; 'this script was never run by its authors')
}
$json = (ConvertTo-Json $answer -Compress -Depth 4) -replace ' ', '\u0020' -replace '>', '\u003e' -replace '[^\x21-\x7e]', ''
# cksum(1) of POSIX.
[uint32]$crc = 0
function Step([uint32]$c, [int]$octet) {
  $c = $c -bxor ([uint32]$octet -shl 24)
  for ($b = 0; $b -lt 8; $b++) {
    if ($c -band [uint32]2147483648) { $c = (($c -shl 1) -band [uint32]4294967295) -bxor [uint32]79764919 } else { $c = ($c -shl 1) -band [uint32]4294967295 }
  }
  $c
}
foreach ($octet in [Text.Encoding]::ASCII.GetBytes($json)) { $crc = Step $crc $octet }
for ($n = $json.Length; $n -gt 0; $n = [Math]::Floor($n / 256)) { $crc = Step $crc ($n % 256) }
$sum = $crc -bxor [uint32]4294967295
'-----BEGIN REACHDOCTOR ANSWER-----'
for ($i = 0; $i -lt $json.Length; $i += 68) { $json.Substring($i, [Math]::Min(68, $json.Length - $i)) }
"-----END REACHDOCTOR ANSWER $sum-$($json.Length)-----"

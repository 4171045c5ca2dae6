import type { System } from './told.ts';

/** What an error message means: the errno that the system gave the program, in whatever language it was told. */
export type Failure =
  | 'ECONNREFUSED'
  | 'ETIMEDOUT'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'ECONNRESET'
  | 'EACCES'
  | 'EADDRNOTAVAIL'
  | 'ENOTFOUND'
  | 'EAI_AGAIN';

/**
 * strerror() of glibc, BSD and Windows (FormatMessage) and what programs print instead, as fragments in lower case. Whoever
 * stands first wins: `connection timed out` before `timed out`.
 */
const PHRASES: readonly (readonly [Failure, readonly string[]])[] = [
  [
    'EAI_AGAIN',
    [
      'temporary failure in name resolution',
      'eai_again',
      'resolving timed out',
      'try again later: host not found',
      'temporärer fehler bei der namensauflösung',
      'échec temporaire dans la résolution du nom',
      'fallo temporal en la resolución del nombre',
      'risoluzione del nome temporaneamente',
      'falha temporária na resolução de nome',
      'tijdelijke fout bij het omzetten van de naam',
      'tymczasowy błąd rozwiązywania nazw',
      'временный сбой в разрешении имен',
      'ad çözümlemede geçici',
      '名前解決に一時的に失敗',
      '이름 해석에 잠시 실패',
      '域名解析出现暂时性错误',
      '名稱解析暫時失敗',
    ],
  ],
  [
    'ENOTFOUND',
    [
      'name or service not known',
      'nodename nor servname',
      'could not resolve host',
      "couldn't resolve host",
      'unable to resolve host address',
      'unknown host',
      'unknownhostexception',
      'no such host',
      'enotfound',
      'could not translate host name',
      'could not find host',
      'ora-12545',
      'no address associated with hostname',
      'getaddrinfo failed',
      'no data record of the requested type',
      'dns_probe_finished_nxdomain',
      'err_name_not_resolved',
      'server not found',
      'der name oder der dienst ist nicht bekannt',
      'nom ou service inconnu',
      'nombre o servicio desconocido',
      'nome o servizio sconosciuto',
      'nome ou serviço desconhecido',
      'naam of dienst is niet bekend',
      'onbekende naam of dienst',
      'nieznana nazwa lub usługa',
      'имя или служба не известны',
      'этот хост неизвестен',
      'es ist kein host bekannt',
      'hôte inconnu',
      'host desconocido',
      'host sconosciuto',
      'bilinmiyor',
      '名前またはサービスが不明',
      'そのようなホストは不明',
      '이름 혹은 서비스를 알 수 없',
      '알려진 호스트가 없습니다',
      '未知的名称或服务',
      '不知道这样的主机',
      '未知的名稱或服務',
      '無法識別這台主機',
    ],
  ],
  [
    'ECONNREFUSED',
    [
      'connection refused',
      'econnrefused',
      'err_connection_refused',
      'actively refused',
      'refused to connect',
      'connection was refused',
      'remote system refused',
      'ora-12541',
      'tns-12541',
      'verbindungsaufbau abgelehnt',
      'die verbindung verweigert',
      'hat die verbindung abgelehnt',
      'connexion refusée',
      'expressément refusée',
      'conexión rehusada',
      'conexión rechazada',
      'denegó expresamente',
      'connessione rifiutata',
      'rifiuto persistente',
      'conexão recusada',
      'ligação recusada',
      'as recusou ativamente',
      'verbinding is geweigerd',
      'verbinding geweigerd',
      'actief heeft geweigerd',
      'połączenie odrzucone',
      'aktywnie go odmawia',
      'в соединении отказано',
      'отверг запрос на подключение',
      'bağlantı reddedildi',
      'etkin olarak reddettiğinden',
      '接続を拒否されました',
      '拒否されたため、接続できません',
      '연결이 거부',
      '연결을 거부',
      '拒绝连接',
      '积极拒绝',
      '連線被拒',
      '拒絕連線',
    ],
  ],
  [
    'EHOSTUNREACH',
    [
      'no route to host',
      'ehostunreach',
      'unreachable host',
      'ora-12543',
      'err_address_unreachable',
      'host is down',
      'host is unreachable',
      'keine route zum zielrechner',
      "aucun chemin d'accès pour atteindre",
      'no existe ninguna ruta hasta',
      "nessun instradamento per l'host",
      'não há rota para o host',
      'geen route naar host',
      'brak trasy do hosta',
      'нет маршрута до узла',
      'ホストへの経路がありません',
      '호스트로 갈 루트가 없',
      '没有到主机的路由',
      '沒有到主機的路由',
    ],
  ],
  [
    'ENETUNREACH',
    [
      'network is unreachable',
      'network unreachable',
      'enetunreach',
      'unreachable network',
      'das netzwerk ist nicht erreichbar',
      "le réseau n'est pas accessible",
      'la red es inaccesible',
      'rete non è raggiungibile',
      'rede está fora de alcance',
      'netwerk is onbereikbaar',
      'sieć jest niedostępna',
      'сеть недоступна',
      'ネットワークに届きません',
      '네트워크가 접근 불가능',
      '网络不可达',
      '網路無法連接',
    ],
  ],
  [
    'ECONNRESET',
    [
      'connection reset',
      'econnreset',
      'err_connection_reset',
      'forcibly closed by the remote host',
      'vom kommunikationspartner zurückgesetzt',
      'wurde vom remotehost geschlossen',
      'ré-initialisée par le correspondant',
      'conexión reinicializada',
      'connessione interrotta dal corrispondente',
      'conexão fechada pela outra ponta',
      'połączenie zerwane przez drugą stronę',
      'соединение разорвано другой стороной',
      'принудительно разорвал существующее подключение',
      '接続が相手からリセット',
      '연결이 상대편에 의해 끊어',
      '对方重设',
      '遠端主機已強制關閉',
    ],
  ],
  [
    'EACCES',
    ['forbidden by its access permissions', 'err_network_access_denied', 'eacces', 'operation not permitted'],
  ],
  ['EADDRNOTAVAIL', ["can't assign requested address", 'cannot assign requested address', 'eaddrnotavail']],
  [
    'ETIMEDOUT',
    [
      'connection timed out',
      'operation timed out',
      'connect timed out',
      'etimedout',
      'err_connection_timed_out',
      'i/o timeout',
      'request canceled while waiting for connection',
      'connection attempt failed because the connected party',
      'timeout expired',
      'timed out',
      'connecttimeout',
      'connect timeout',
      'connection timeout',
      'took too long to respond',
      'is taking too long to respond',
      'timeout was reached',
      'ora-12170',
      'tns-12170',
      'a mis trop de temps à répondre',
      'met trop de temps à répondre',
      'braucht zu lange, um',
      'login timeout expired',
      'die wartezeit für die verbindung ist abgelaufen',
      'zeitüberschreitung',
      'gegenstelle nach einer bestimmten zeitspanne nicht richtig reagiert',
      'délai de connexion dépassé',
      "connexion terminée par expiration du délai d'attente",
      'expiró el tiempo de conexión',
      'connessione scaduta',
      'tempo esgotado para conexão',
      'tempo limite da conexão',
      'verbinding is verlopen',
      'upłynął limit czasu',
      'przekroczony czas oczekiwania',
      'время ожидания соединения истекло',
      'превышено время ожидания',
      'bağlantı zaman aşımına uğradı',
      '接続がタイムアウト',
      'タイムアウト',
      '연결 시간 초과',
      '시간 초과',
      '连接超时',
      '连接尝试失败',
      '連線逾時',
    ],
  ],
];

/** Numbers of Windows sockets, Linux, and macOS or BSD where a program prints a number alone. */
const NUMBERS: Readonly<Record<string, readonly [Failure, System | null]>> = {
  '10061': ['ECONNREFUSED', 'win32'],
  '10060': ['ETIMEDOUT', 'win32'],
  '10065': ['EHOSTUNREACH', 'win32'],
  '10051': ['ENETUNREACH', 'win32'],
  '10054': ['ECONNRESET', 'win32'],
  '10013': ['EACCES', 'win32'],
  '11001': ['ENOTFOUND', 'win32'],
  '111': ['ECONNREFUSED', 'linux'],
  '110': ['ETIMEDOUT', 'linux'],
  '113': ['EHOSTUNREACH', 'linux'],
  '101': ['ENETUNREACH', 'linux'],
  '104': ['ECONNRESET', 'linux'],
  '61': ['ECONNREFUSED', 'darwin'],
  '60': ['ETIMEDOUT', 'darwin'],
  '65': ['EHOSTUNREACH', 'darwin'],
  '51': ['ENETUNREACH', 'darwin'],
  '54': ['ECONNRESET', 'darwin'],
};

export function failureIn(line: string): { failure: Failure; system: System | null } | null {
  const lower = line.slice(0, 1000).normalize('NFC').toLowerCase();
  const numbered =
    /(?:errno[ =:]*|error code:? |os error |os \{ code: |errorcodekey=|socketexception \(|\(|winerror |0x0000)(\d{2,5})\b/.exec(
      lower,
    )?.[1] ?? null;
  const byNumber = numbered === null ? undefined : NUMBERS[numbered];
  const phrase: readonly [Failure, unknown] | undefined =
    PHRASES.find(([, fragments]) => fragments.some((fragment) => lower.includes(fragment))) ??
    // JDBC puts the place between the words.
    (/connection to \S{1,300} refused/.test(lower) ? ['ECONNREFUSED', null] : undefined);
  if (phrase !== undefined && !(phrase[0] === 'ETIMEDOUT' && isOtherTime(lower))) {
    const [failure] = phrase;
    return { failure, system: byNumber?.[0] === failure ? byNumber[1] : systemOf(lower) };
  }
  // A number alone counts only where the line names a connect.
  if (/\bconnect to (?:host|address) .{1,300}: permission denied/.test(lower))
    return { failure: 'EACCES', system: null };
  if (byNumber === undefined || !/connect|errno/.test(lower)) return null;
  return { failure: byNumber[0], system: byNumber[1] };
}

/** Time that ran out on something else than a connection, or on something that the words leave open. */
const isOtherTime = (lower: string): boolean =>
  /(?:lock wait|statement|query|session|idle|job|test|command|build) time|connection is not available|server selection timed out|urlopen error timed out|^\s*(?:\w+\.)*(?:timeout|timeouterror)?:? ?timed out\.?\s*$/.test(
    lower,
  );

/**
 * Only words that one system alone has. "Connection timed out" is glibc's, and that of OpenSSH and PuTTY on Windows;
 * "Operation timed out" is that of macOS, and of musl.
 */
function systemOf(lower: string): System | null {
  if (/nodename nor servname|connect to address \S+: |connectx to /.test(lower)) return 'darwin';
  if (/name or service not known|unable to connect to remote host: \S|now in progress/.test(lower))
    return 'linux';
  return /actively refused|connected party did not|no such host is known|forcibly closed by the remote host|(?:refused|timed out): (?:connect\b(?! *\()|no further information)/.test(
    lower,
  )
    ? 'win32'
    : null;
}

/** It did not get through, and does not say why: .NET in its languages, curl 8, Kafka's client, OpenLDAP. */
const UNCLEAR: readonly string[] = [
  'could not connect to server',
  "couldn't connect to server",
  'could not connect to the server',
  'broker may not be available',
  "can't contact ldap server",
  'could not connect to the endpoint url',
  'context deadline exceeded',
  'server selection timed out',
  'urlopen error timed out',
  'unable to connect to the remote server',
  'verbindung mit dem remoteserver kann nicht hergestellt werden',
  'impossible de se connecter au serveur distant',
  'no es posible conectar con el servidor remoto',
  'impossibile effettuare la connessione al server remoto',
  'impossível conectar-se ao servidor remoto',
  'não é possível estabelecer ligação ao servidor remoto',
  'kan geen verbinding met de externe server maken',
  'nie można połączyć się z serwerem zdalnym',
  'невозможно соединиться с удаленным сервером',
  'uzak sunucuya bağlanılamıyor',
  'リモート サーバーに接続できません',
  '원격 서버에 연결할 수 없습니다',
  '无法连接到远程服务器',
  '無法連接至遠端伺服器',
];
export function isUnclear(line: string): boolean {
  const lower = line.slice(0, 1000).normalize('NFC').toLowerCase();
  return UNCLEAR.some((words) => lower.includes(words));
}

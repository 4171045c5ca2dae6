/**
 * What Windows's ping, tracert and pathping say instead of a reply, in the languages that they speak. They translate every
 * word, so the meaning is found by fragments, not by whole sentences: versions of Windows differ in an article or a verb.
 */
export type WindowsMeaning =
  | 'host-unreachable'
  | 'net-unreachable'
  | 'protocol-unreachable'
  | 'port-unreachable'
  | 'prohibited'
  | 'ttl-expired'
  | 'reassembly-expired'
  | 'too-big'
  | 'timed-out'
  | 'general-failure'
  | 'name-unknown'
  | 'options-bad';

/** Each fragment is a list of pieces that must all occur, in lower case. The first line that fits is the meaning. */
const WORDS: readonly (readonly [WindowsMeaning, readonly (readonly string[])[]])[] = [
  [
    'name-unknown',
    [
      ['could not find host'],
      ['unable to resolve target system name'],
      ['konnte host', 'nicht finden'],
      ['konnte den host', 'nicht finden'],
      ['der zielname', 'konnte nicht aufgel'],
      ['requête ping n’a pas pu trouver'],
      ["requête ping n'a pas pu trouver"],
      ['impossible de résoudre le nom du système'],
      ['impossible de résoudre le nom'],
      ['no pudo encontrar el host'],
      ['no se puede resolver el nombre'],
      ['impossibile trovare l’host'],
      ["impossibile trovare l'host"],
      ['impossibile risolvere il nome'],
      ['não pôde encontrar o host'],
      ['não foi possível encontrar o host'],
      ['não é possível resolver o nome'],
      ['kan host', 'niet vinden'],
      ['kan de naam', 'niet omzetten'],
      ['kan naam', 'niet omzetten'],
      ['nie może znaleźć hosta'],
      ['nie można rozpoznać nazwy'],
      ['не удалось обнаружить узел'],
      ['не удается разрешить системное имя'],
      ['не удаётся разрешить системное имя'],
      ['ana bilgisayarını bulamadı'],
      ['hedef sistem adı', 'çözümlenemiyor'],
      ['ホスト', 'が見つかりません'],
      ['ターゲット システム名', '解決できません'],
      ['호스트를 찾을 수 없습니다'],
      ['대상 시스템 이름', '확인할 수 없습니다'],
      ['找不到主机'],
      ['无法解析目标系统名称'],
      ['找不到主機'],
      ['無法解析目標系統名稱'],
    ],
  ],
  [
    'general-failure',
    [
      ['general failure'],
      ['transmit failed'],
      ['transmit error'],
      ['allgemeiner fehler'],
      ['fehler bei der übertragung'],
      ['übertragungsfehler'],
      ['défaillance générale'],
      ['échec de la transmission'],
      ['erreur de transmission'],
      ['error general'],
      ['error en la transmisión'],
      ['error de transmisión'],
      ['errore generale'],
      ['trasmissione non riuscita'],
      ['errore di trasmissione'],
      ['falha geral'],
      ['falha na transmissão'],
      ['erro de transmissão'],
      ['algemene fout'],
      ['verzending is mislukt'],
      ['overdracht mislukt'],
      ['ogólny błąd'],
      ['błąd ogólny'],
      ['ogólna awaria'],
      ['transmisja nie powiodła'],
      ['общий сбой'],
      ['сбой передачи'],
      ['genel hata'],
      ['iletim başarısız'],
      ['一般エラー'],
      ['転送に失敗'],
      ['일반 오류'],
      ['전송하지 못했습니다'],
      ['一般故障'],
      ['常规故障'],
      ['传输失败'],
      ['一般失敗'],
      ['傳輸失敗'],
    ],
  ],
  [
    'ttl-expired',
    [
      ['ttl expired in transit'],
      ['gültigkeitsdauer', 'überschritten'],
      ['ttl', 'expir', 'transit'],
      ['durée de vie', 'transit'],
      ['ttl expirado en tránsito'],
      ['ttl', 'scadut', 'transito'],
      ['ttl', 'scadut', 'passaggio'],
      ['ttl', 'expir', 'trânsito'],
      ['vida útil', 'trânsito'],
      ['ttl', 'verlopen', 'verzend'],
      ['ttl', 'verlopen', 'overdracht'],
      ['ttl', 'verstreken'],
      ['ttl', 'tranzy'],
      ['czas wygaśnięcia', 'ttl'],
      ['ttl', 'upłyn'],
      ['превышен срок жизни'],
      ['ttl', 'doldu'],
      ['yaşam süresi', 'doldu'],
      ['ttl', '期限切れ'],
      ['ttl', '만료'],
      ['ttl', '过期'],
      ['ttl', '過期'],
      ['ttl', '到期'],
    ],
  ],
  [
    'reassembly-expired',
    [['ttl expired during reassembly'], ['reassembly'], ['defragmentierung', 'überschritten']],
  ],
  [
    'too-big',
    [
      ['packet needs to be fragmented'],
      ['paket müsste fragmentiert werden'],
      ['le paquet doit être fragmenté'],
      ['es necesario fragmentar el paquete'],
      ['pacchetto', 'frammenta'],
      ['pacote', 'ser fragmentado'],
      ['pakket', 'gefragmenteerd'],
      ['pakiet', 'pofragmentowa'],
      ['pakiet', 'fragmentac'],
      ['требуется фрагментация пакета'],
      ['paket', 'bölünme'],
      ['パケットの断片化'],
      ['패킷', '조각'],
      ['需要拆分数据包'],
      ['封包需要分割'],
      ['封包', '分段'],
    ],
  ],
  [
    'timed-out',
    [
      ['request timed out'],
      ['zeitüberschreitung der anforderung'],
      ["délai d'attente", 'dépass'],
      ['délai d’attente', 'dépass'],
      ['tiempo de espera agotado'],
      ['richiesta scaduta'],
      ['esgotado o tempo limite'],
      ['esgotou-se o tempo'],
      ['tempo limite', 'esgotado'],
      ['time-out'],
      ['limit czasu żądania'],
      ['превышен интервал ожидания'],
      ['zaman aşımı'],
      ['タイムアウト'],
      ['요청 시간이 만료'],
      ['요청', '시간', '초과'],
      ['请求超时'],
      ['要求等候逾時'],
      ['逾時'],
      ['vypršel časový limit'],
      ['begäran gjorde timeout'],
      ['anmodning om timeout'],
      ['tidsavbrudd'],
      ['aikakatkais'],
      ['a kérésre nem érkezett válasz'],
      ['перевищено', 'очікування'],
      ['λόγω χρονικού ορίου'],
      ['o pedido expirou'],
    ],
  ],
  [
    'prohibited',
    [
      ['communication prohibited by filter'],
      ['administratively prohibited'],
      ['destination prohibited'],
      ['access denied by filter'],
    ],
  ],
  [
    'port-unreachable',
    [
      ['destination port unreachable'],
      ['zielport', 'nicht erreichbar'],
      ['port de destination'],
      ['puerto de destino inaccesible'],
      ['porta di destinazione', 'raggiungibile'],
      ['porta de destino', 'inacess'],
      ['doelpoort'],
      ['port docelowy'],
      ['заданный порт недоступен'],
      ['hedef bağlantı noktası'],
      ['宛先ポート'],
      ['대상 포트'],
      ['无法访问目标端口'],
      ['目的地連接埠'],
    ],
  ],
  [
    'protocol-unreachable',
    [['destination protocol unreachable'], ['zielprotokoll', 'nicht erreichbar'], ['宛先プロトコル']],
  ],
  [
    'net-unreachable',
    [
      ['destination net', 'unreachable'],
      ['zielnetz', 'nicht erreichbar'],
      ['réseau de destination'],
      ['red de destino'],
      ['rete di destinazione'],
      ['rede de destino'],
      ['doelnet', 'bereikbaar'],
      ['bestemmingsnet', 'bereikbaar'],
      ['sieć docelowa'],
      ['sieci docelowej'],
      ['заданная сеть недоступна'],
      ['hedef ağ'],
      ['宛先ネットワーク'],
      ['대상 네트워크'],
      ['无法访问目标网'],
      ['目的地網路'],
    ],
  ],
  [
    'host-unreachable',
    [
      ['destination host unreachable'],
      ['zielhost', 'nicht erreichbar'],
      ["l'hôte de destination"],
      ['l’hôte de destination'],
      ['hôte de destination'],
      ['host di destinazione'],
      ['host de destino'],
      ['anfitrião de destino'],
      ['cílový hostitel'],
      ['målvärden'],
      ['destinationsværten'],
      ['kohdeisäntä'],
      ['célállomás'],
      ['вузол призначення'],
      ['doelhost', 'bereikbaar'],
      ['bestemmingshost', 'bereikbaar'],
      ['host docelowy'],
      ['hosta docelowego'],
      ['заданный узел недоступен'],
      ['hedef ana bilgisayar'],
      ['hedef ana makine'],
      ['宛先ホスト'],
      ['대상 호스트'],
      ['无法访问目标主机'],
      ['目的地主機'],
    ],
  ],
  ['options-bad', [['bad option'], ['invalid option'], ['option has been'], ['unrecognized option']]],
];

/** What the words say; null where they are none of ours: an unknown language, a wrong code page, another program. */
export function windowsMeaning(words: string): WindowsMeaning | null {
  // Numbers and addresses alone mean nothing, and there may be very many of them.
  if (!/\p{L}{3}|[\u3000-\ud7ff]{2}/u.test(words.slice(0, 300))) return null;
  const lower = words.slice(0, 300).normalize('NFC').toLowerCase();
  for (const [meaning, all] of WORDS) {
    if (all.some((pieces) => pieces.every((piece) => lower.includes(piece)))) return meaning;
  }
  return null;
}

/** ICMP type and code of a meaning that came in an ICMP error; null for the others. */
export function icmpOfMeaning(
  meaning: WindowsMeaning | null,
  family: 4 | 6,
): readonly [number, number] | null {
  const v4: Partial<Record<WindowsMeaning, readonly [number, number]>> = {
    'net-unreachable': [3, 0],
    'host-unreachable': [3, 1],
    'protocol-unreachable': [3, 2],
    'port-unreachable': [3, 3],
    'too-big': [3, 4],
    prohibited: [3, 13],
    'ttl-expired': [11, 0],
    'reassembly-expired': [11, 1],
  };
  const v6: Partial<Record<WindowsMeaning, readonly [number, number]>> = {
    'net-unreachable': [1, 0],
    prohibited: [1, 1],
    'host-unreachable': [1, 3],
    'port-unreachable': [1, 4],
    'too-big': [2, 0],
    'ttl-expired': [3, 0],
    'reassembly-expired': [3, 1],
  };
  return meaning === null ? null : ((family === 4 ? v4 : v6)[meaning] ?? null);
}

/** Words of headers, replies and statistics: they say in which language, and so in which code page, a text is. */
const COMMON = [
  'antwort von',
  'mittelwert',
  'ausgeführt für',
  'réponse de',
  'durée approximative',
  'délai d',
  'détermination de l',
  'itinéraire',
  'estadísticas',
  'máximo',
  'mínimo',
  'statistiche',
  'tempo approssimativo',
  'estatísticas',
  'máximo de saltos',
  'odpowiedź',
  'bajtów',
  'wysłane',
  'śledzenie',
  'ответ от',
  'обмен пакетами',
  'трассировка',
  'число байт',
  'отправлено',
  'cevabı',
  'süre',
  'izleniyor',
  'からの応答',
  'を送信しています',
  'バイト',
  '経由',
  '의 응답',
  '바이트',
  '추적',
  '的回复',
  '字节',
  '的数据',
  '通过最多',
  '回覆自',
  '位元組',
  '資料',
  '在上限',
  // ipconfig, route and arp
  'über maximal',
  'ständige routen',
  'préféré',
  'défaut',
  'itinéraires',
  'máscara',
  'dirección',
  'descripción',
  'vínculo',
  'endereço',
  'padrão',
  'wewnętrzn',
  'brama domyślna',
  'maska podsieci',
  'адрес',
  'маска',
  'шлюз',
  'интерфейс',
  'маршрут',
  'ağ geçidi',
  'ゲートウェイ',
  'アドレス',
  'リンク上',
  '주소',
  '게이트웨이',
  '서버',
  '网关',
  '掩码',
  '服务器',
  '链路',
  '閘道',
  '遮罩',
  '伺服器',
] as const;

/** How many lines of a text hold words that these programs say. */
export function knownWords(text: string): number {
  let score = 0;
  for (const line of text.split('\n', 200)) {
    const lower = line.toLowerCase();
    if (
      /[^\x00-\x7f]/.test(line) &&
      (windowsMeaning(line) !== null || COMMON.some((one) => lower.includes(one)))
    )
      score++;
  }
  return score;
}

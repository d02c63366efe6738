/**
 * Well-known CEF keys and the LEEF attribute that means the same (IBM, "Predefined LEEF event attributes").
 * A mapping is written once, with CEF's keys, and serves both.
 */
export const leefKeys: ReadonlyMap<string, string> = new Map([
  ['suser', 'usrName'],
  ['duser', 'accountName'],
  ['spt', 'srcPort'],
  ['dpt', 'dstPort'],
  ['smac', 'srcMAC'],
  ['dmac', 'dstMAC'],
  ['sourceTranslatedAddress', 'srcPostNAT'],
  ['destinationTranslatedAddress', 'dstPostNAT'],
  ['sourceTranslatedPort', 'srcPostNATPort'],
  ['destinationTranslatedPort', 'dstPostNATPort'],
  // CEF counts `in` as flowing from source to destination.
  ['in', 'srcBytes'],
  ['out', 'dstBytes'],
  ['spriv', 'role'],
  ['sntdom', 'domain'],
  ['dvchost', 'resource'],
  ['request', 'url'],
  ['rt', 'devTime'],
]);

import { cefDictionary } from './cef-dictionary.ts';

/** Types of a Log Analytics column, as a data collection rule declares them. */
export type ColumnType = 'string' | 'boolean' | 'int' | 'long' | 'real' | 'datetime' | 'dynamic';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** The column of a custom table for a CEF key: its dictionary type, else text. */
export function columnType(key: string): ColumnType {
  switch (cefDictionary.get(key)?.type) {
    case 'integer':
      return 'long';
    case 'port':
      return 'int';
    case 'decimal':
      return 'real';
    case 'time':
      return 'datetime';
    default:
      return 'string';
  }
}

const reserved = new Set(['id', 'tenantid', 'type', 'uniqueid', 'title', 'timegenerated']);
const longestName = 45;

/**
 * A key as a column name: letters, digits and underscores, a letter first, at most 45 characters, none of the
 * names Log Analytics keeps for itself.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/logs/create-custom-table
 */
export function columnName(key: string): string {
  const plain = key.replace(/[^A-Za-z0-9_]/g, '_').slice(0, longestName);
  const name = /^[A-Za-z]/.test(plain) ? plain : `c${plain}`.slice(0, longestName);
  return reserved.has(name.toLowerCase()) ? `${name}_` : name;
}

/** What the CommonSecurityLog column of a CEF key is called, and its type where that is not text. */
const commonColumns = `
  act DeviceAction, app ApplicationProtocol, cat DeviceEventCategory, cnt EventCount int,
  destinationDnsDomain DestinationDnsDomain, destinationServiceName DestinationServiceName,
  destinationTranslatedAddress DestinationTranslatedAddress, destinationTranslatedPort DestinationTranslatedPort int,
  deviceDirection CommunicationDirection, deviceDnsDomain DeviceDnsDomain, deviceExternalId DeviceExternalID,
  deviceFacility DeviceFacility, deviceInboundInterface DeviceInboundInterface, deviceNtDomain DeviceNtDomain,
  deviceOutboundInterface DeviceOutboundInterface, devicePayloadId DevicePayloadId, deviceProcessName ProcessName,
  deviceTranslatedAddress DeviceTranslatedAddress, dhost DestinationHostName, dmac DestinationMACAddress,
  dntdom DestinationNTDomain, dpid DestinationProcessId int, dpriv DestinationUserPrivileges,
  dproc DestinationProcessName, dpt DestinationPort int, dst DestinationIP, dtz DeviceTimeZone,
  duid DestinationUserID, duser DestinationUserName, dvc DeviceAddress, dvchost DeviceName,
  dvcmac DeviceMacAddress, dvcpid ProcessID int, end EndTime datetime, externalId ExtID,
  fileCreateTime FileCreateTime, fileHash FileHash, fileId FileID, fileModificationTime FileModificationTime,
  filePath FilePath, filePermission FilePermission, fileType FileType, fname FileName, fsize FileSize int,
  in ReceivedBytes long, msg Message, oldFileCreateTime OldFileCreateTime, oldFileHash OldFileHash,
  oldFileId OldFileID, oldFileModificationTime OldFileModificationTime, oldFileName OldFileName,
  oldFilePath OldFilePath, oldFilePermission OldFilePermission, oldFileSize OldFileSize int,
  oldFileType OldFileType, out SentBytes long, outcome EventOutcome, proto Protocol, reason Reason,
  request RequestURL, requestClientApplication RequestClientApplication, requestContext RequestContext,
  requestCookies RequestCookies, requestMethod RequestMethod, rt ReceiptTime, shost SourceHostName,
  smac SourceMACAddress, sntdom SourceNTDomain, sourceDnsDomain SourceDnsDomain,
  sourceServiceName SourceServiceName, sourceTranslatedAddress SourceTranslatedAddress,
  sourceTranslatedPort SourceTranslatedPort int, spid SourceProcessId int, spriv SourceUserPrivileges,
  sproc SourceProcessName, spt SourcePort int, src SourceIP, start StartTime datetime, suid SourceUserID,
  suser SourceUserName, type EventType int, c6a1 DeviceCustomIPv6Address1, c6a2 DeviceCustomIPv6Address2,
  c6a3 DeviceCustomIPv6Address3, c6a4 DeviceCustomIPv6Address4, cfp1 DeviceCustomFloatingPoint1 real,
  cfp2 DeviceCustomFloatingPoint2 real, cfp3 DeviceCustomFloatingPoint3 real, cfp4 DeviceCustomFloatingPoint4 real,
  cn1 FieldDeviceCustomNumber1 long, cn2 FieldDeviceCustomNumber2 long, cn3 FieldDeviceCustomNumber3 long,
  cs1 DeviceCustomString1, cs2 DeviceCustomString2, cs3 DeviceCustomString3, cs4 DeviceCustomString4,
  cs5 DeviceCustomString5, cs6 DeviceCustomString6, deviceCustomDate1 DeviceCustomDate1,
  deviceCustomDate2 DeviceCustomDate2, flexDate1 FlexDate1, flexNumber1 FlexNumber1 int, flexNumber2 FlexNumber2 int,
  flexString1 FlexString1, flexString2 FlexString2`;

/**
 * CommonSecurityLog's columns by CEF key (https://learn.microsoft.com/en-us/azure/sentinel/cef-name-mapping; types:
 * https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/commonsecuritylog). The labels of
 * custom fields have columns of the same name with Label behind it; numbers' labels keep the old name.
 */
export const commonSecurityLogColumns: ReadonlyMap<string, Column> = new Map(
  commonColumns.split(',').flatMap((entry): [string, Column][] => {
    const [key, name, type = 'string'] = entry.trim().split(' ') as [string, string, ColumnType?];
    const column: [string, Column] = [key, { name, type }];
    const isCustom = cefDictionary.has(`${key}Label`);
    return isCustom
      ? [column, [`${key}Label`, { name: `${name.replace(/^Field/, '')}Label`, type: 'string' }]]
      : [column];
  }),
);

/** The columns every CommonSecurityLog event has, and the one for keys without a column. */
export const commonSecurityLogHeader: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  ...['DeviceVendor', 'DeviceProduct', 'DeviceVersion', 'DeviceEventClassID', 'Activity', 'LogSeverity'].map(
    (name): Column => ({ name, type: 'string' }),
  ),
  { name: 'AdditionalExtensions', type: 'string' },
];

/** The columns every event of a custom table has, and the one for what fits no other. */
export const customHeader: readonly Column[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'EventClass', type: 'string' },
  { name: 'EventName', type: 'string' },
  { name: 'Severity', type: 'int' },
  { name: 'AdditionalFields', type: 'dynamic' },
];

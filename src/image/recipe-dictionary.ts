/** What recipes of PNG files mostly hold: the dictionary that they are deflated with, which is part of the format. */

/** The zlib settings of common encoders. */
const SETTINGS = [
  '\x78\x01\x01\x0f\x08\x00',
  '\x78\x5e\x05\x0f\x08\x01',
  '\x78\x9c\x06\x0f\x09\x01',
  '\x78\xda\x09\x0f\x09\x01',
];
const PALETTE_SETTINGS = [
  '\x78\x9c\x06\x0f\x08\x00',
  '\x78\x9c\x06\x0f\x08\x01',
  '\x78\xda\x09\x0f\x08\x01',
  '\x78\xda\x09\x0f\x09\x00',
];

const END = 'IDAT\0\0';

const TEXT = [
  'tEXtSoftware\0',
  'tIME\x07\x07',
  'bKGD',
  'eXIf',
  'iCCP',
  'gAMA\x04\0\0\xb1\x8f',
  'sRGB\x01\0',
  'pHYs\x09\0\0\x0e\xc3\0\0\x0e\xc3\x01',
  'pHYs\x09\0\0\x0b\x13\0\0\x0b\x13\x01',
  'pHYs\x09\0\0\x03\xe8\0\0\x03\xe8\x01',
  END,
  ...SETTINGS.map((settings) => `${settings}\x01${END}`),
  ...PALETTE_SETTINGS.flatMap((settings) => [`${settings}\x02PLTE\0${END}`, `${settings}\x01${END}`]),
  '\x03PLTE\0tRNS\0',
  END,
].join('');

export const RECIPE_DICTIONARY = Uint8Array.from(TEXT, (letter) => letter.charCodeAt(0));

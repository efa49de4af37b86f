/** The bytes of a text of ASCII characters. Hosts without TextEncoder have it, too. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The bytes of an ASCII text. Unlike TextEncoder, it works on every host. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Starts the page. Files that stand in it are in elements of their own, in base64. */
import { render } from 'preact';
import type { GivenFile } from '../model/documents.js';
import { App } from './app.js';

/** The files that stand in the page. */
function givenFiles(): GivenFile[] {
  return [...document.querySelectorAll<HTMLScriptElement>('script[type="application/octet-stream"]')].map(
    (element) => ({
      name: element.dataset['name'] ?? '',
      bytes: Uint8Array.from(atob(element.textContent.trim()), (character) => character.charCodeAt(0)),
    }),
  );
}

const root = document.getElementById('root');
if (root !== null) render(<App given={givenFiles()} />, root);

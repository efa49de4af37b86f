/** Starts the page. Embedded files are in elements of their own, in base64. */
import { render } from 'preact';
import type { HeldFile } from '../worker.js';
import { App } from './app.js';

/** The files that are embedded in the page. */
function heldFiles(): HeldFile[] {
  return [...document.querySelectorAll<HTMLScriptElement>('script[type="application/octet-stream"]')].map(
    (element) => ({
      name: element.dataset['name'] ?? '',
      base64: element.textContent.trim(),
    }),
  );
}

const root = document.getElementById('root');
if (root !== null) render(<App held={heldFiles()} />, root);

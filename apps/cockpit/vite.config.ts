import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The page is served at any path; browsers that drive machines are recent ones. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
  },
});

import { defineConfig } from 'vite';

// Fixed names: the binary embeds exactly these four files.
export default defineConfig({
  base: './',
  publicDir: 'public',
  build: {
    target: 'es2020',
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        entryFileNames: 'app.js',
        chunkFileNames: 'app-[name].js',
        assetFileNames: 'app[extname]',
        inlineDynamicImports: true,
      },
    },
  },
});

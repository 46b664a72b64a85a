import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  resolve: { dedupe: ['@prometheus-io/lezer-promql', '@lezer/common', '@lezer/lr', '@codemirror/state'] },
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  // For work on the console: `npx vite console` beside a running hub.
  server: {
    proxy: Object.fromEntries(['/api', '/prometheus', '/loki', '/tempo'].map((path) => [path, 'http://127.0.0.1:8080'])),
  },
})

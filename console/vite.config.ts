import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  // For work on the console: `npx vite console` beside a running hub.
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})

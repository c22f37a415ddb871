// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig } from "vite";

// The page's policy allows nothing inline, so nothing is inlined.
export default defineConfig({
	esbuild: { jsx: "automatic", jsxImportSource: "preact" },
	build: {
		target: "es2022",
		assetsInlineLimit: 0,
		modulePreload: false,
	},
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The README's picture, of the page as it is: node --test tests/page/picture.mjs

import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { skip, watchTv } from "./steps.mjs";

const README = fileURLToPath(new URL("../../docs/images/device.png", import.meta.url));
const WATCHED_MS = 110_000;

test("the television's page, after two minutes", { skip }, async () => {
	const tab = await watchTv();

	await tab.page.setViewportSize({ width: 1100, height: 900 });
	await tab.page.waitForTimeout(WATCHED_MS);
	await tab.page.screenshot({ path: README, fullPage: true });
	await tab.close();
});

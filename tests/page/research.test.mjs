// SPDX-License-Identifier: GPL-3.0-or-later
// What is shared with research, as its owner sees it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, devices, home, skip, watchTv } from "./steps.mjs";

/** Until the collector was sent what fits; all that it was sent. */
async function sent(fits) {
	const end = Date.now() + 30_000;

	for (;;) {
		const { text } = await home.call("collected");
		if (fits(text)) return text;
		assert.ok(Date.now() < end, `nothing that was sent: ${fits}`);
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

test("what is shared with research is seen byte by byte, labelled, and erased", { skip }, async () => {
	const tab = await watchTv();
	const url = await home.call("collector");
	const research = tab.page.getByRole("navigation").getByRole("link", { name: /^Research/ });

	await research.click();
	await tab.seeText("Nothing leaves your home.");
	await tab.checkAccessible("sharing, off");
	await tab.page.getByLabel(/^Address of a collector/).fill(url);
	await tab.button("Ask it what it does").click();
	await tab.seeText("We study how things at home talk.");
	await tab.seeText("IRB 12");
	await tab.checkAccessible("the researchers' text");
	await tab.picture("research-offer");
	await tab.button("I agree: share from now on").click();
	await tab.seeText("What your watched devices do is shared");
	await tab.page.locator("summary", { hasText: "The last uploads" }).click();
	// below the uploads there may be questions, which the collector answered
	const upload = tab.page.getByRole("region", { name: /, sent as / }).last();
	const shown = await upload.innerText();
	const text = await sent((all) => all.includes(shown.trim()));
	assert.ok(!text.includes(devices.tv.mac) && !text.includes(devices.tv.address));
	await tab.page.getByRole("checkbox", { name: /^How many bytes/ }).uncheck();
	await tab.page.getByRole("checkbox", { name: /^How long you look/ }).check();
	await tab.checkAccessible("sharing, on");
	await tab.picture("research");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("research-phone");
	await tab.page.setViewportSize({ width: 1200, height: 900 });

	await tab.page.getByRole("link", { name: "Devices" }).click();
	await tab.row(devices.tv.address).getByRole("link").click();
	const card = tab.page.getByRole("region", { name: "What it is, in your words" });
	await card.getByRole("button", { name: "Right" }).click();
	await card.getByLabel("Name or model").fill("Anna's TV");
	await card.getByRole("button", { name: "Save" }).click();
	await card.getByText("looks like a person's name").waitFor();
	await tab.checkAccessible("the label form");
	await card.scrollIntoViewIfNeeded();
	await tab.picture("label");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.page.setViewportSize({ width: 1200, height: 900 });

	await sent((text) => /"view":\[\["research",\d+\.\d\]/.test(text));
	await research.click();
	await tab.button("Stop and erase").click();
	await tab.button("Stop and erase everything").click();
	await tab.seeText("Receipts of deletions");
	await tab.seeText("Nothing leaves your home.");
	const { deleted } = await home.call("collected");
	const { what, segment, ...more } = deleted.at(-1);
	assert.deepEqual({ what, more }, { what: "everything", more: {} });
	assert.ok(segment > 0, `up to segment ${segment}`);
	await tab.close();
});

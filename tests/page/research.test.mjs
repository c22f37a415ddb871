// SPDX-License-Identifier: GPL-3.0-or-later
// What is shared with research, as its owner sees it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { PHONE, devices, home, lookUntil, showAll, skip, watchTv } from "./steps.mjs";

/** Until the collector was sent what fits; all that it was sent. */
async function sent(fits) {
	const { text } = await lookUntil(
		() => home.call("collected"),
		({ text, bodies }) => fits(text, bodies),
		() => `nothing that was sent: ${fits}`,
	);

	return text;
}

/** Shares what the TV does, from its page; the way to the page on sharing. */
async function share(tab, url) {
	const research = tab.page.getByRole("navigation").getByRole("link", { name: /^Research/ });

	await research.click();
	await tab.page.getByLabel(/^Address of a collector/).fill(url);
	await tab.button("Ask it what it does").click();
	await tab.button("I agree: share from now on").click();
	await tab.seeText("What your watched devices do is shared");
	return research;
}

/** The TV says its model again until it is seen: the five seconds in which one
 * begins to share are not shared. */
async function announceUntil(model, seen) {
	const end = Date.now() + 30_000;

	do {
		assert.ok(Date.now() < end, `${model} is never asked about`);
		await home.call("announce", { device: "tv", model });
	} while (!(await seen.waitFor({ timeout: 2_000 }).then(() => true, () => false)));
}

/** Until one more window of what devices do is stored. */
async function windowStored(tab) {
	const stored = () =>
		tab.page.evaluate(async () => {
			return (await (await fetch("/api/status")).json()).counters.store.windows;
		});
	const before = await stored();

	await lookUntil(stored, (now) => now !== before, () => "no window ends");
}

/** What a link saves. */
async function saved(tab, link) {
	const [download] = await Promise.all([tab.page.waitForEvent("download"), link.click()]);

	return readFile(await download.path(), "utf8");
}

/** The receipt of a deletion, on the page. */
function receipt(tab, what) {
	return tab.page
		.getByRole("region", { name: "Receipts" })
		.getByText(new RegExp(`: ${what}[ ,].* rows, by `))
		.last()
		.waitFor();
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
	const link = tab.page.getByRole("link", { name: /^Save every byte: At / }).last();
	const kept = await saved(tab, link);
	const { bodies } = await home.call("collected");
	assert.ok(bodies.includes(kept), "an upload, byte by byte");
	await tab.page.getByRole("checkbox", { name: /^How many bytes/ }).uncheck();
	await tab.button("Pause sharing").click();
	await tab.seeText("Paused: nothing is gathered or sent.");
	await tab.seeText("Nothing goes: sharing is paused.");
	const paused = (await home.call("collected")).bodies.length;
	await tab.button("Resume sharing").click();
	await tab.seeText("What your watched devices do is shared");
	await tab.seeText("Sent every five seconds");
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
	await card.getByText("Saved", { exact: true }).waitFor();
	await tab.checkAccessible("the label form");
	await card.scrollIntoViewIfNeeded();
	await tab.picture("label");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.page.setViewportSize({ width: 1200, height: 900 });

	await sent((_, all) =>
		all.slice(paused).some((one) => !one.split("\n", 1)[0].includes("out_bytes")),
	);
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

test("what others give back is theirs; names wait for a word; rights are had", { skip }, async () => {
	const tab = await watchTv();
	const name = "dns.other-homes.example";
	const url = await home.call("collector", {
		names: { "8.8.8.8": name },
		shares: { "roku.com": 0.94 },
		guesses: [
			{ name: "Roku Ultra", category: "television", vendor: "Roku", homes: 12, share: 0.8 },
		],
	});
	const research = await share(tab, url);
	const row = (text) => tab.page.locator("tbody tr", { hasText: text }).first();

	// names that look like a person's
	const names = tab.page.getByRole("region", { name: "Names to decide on" });
	for (const model of ["Anna's box", "Berta's box"])
		await announceUntil(model, names.locator("li", { hasText: model }));
	const decide = (model, word) =>
		names.locator("li", { hasText: model }).getByRole("button", { name: word }).click();
	await decide("Anna's box", "Keep it here");
	await tab.checkAccessible("names to decide on");
	await tab.picture("research-names");
	await decide("Berta's box", "Share it");
	await names.waitFor({ state: "detached" });
	await home.call("announce", { device: "tv", model: "Anna's box" });
	await home.call("announce", { device: "tv", model: "Berta's box" });
	assert.ok(!(await sent((text) => text.includes("Berta's box"))).includes("Anna's box"));

	// what other homes call it, contact, and name
	await tab.page.getByRole("link", { name: "Devices" }).click();
	await tab.row(devices.tv.address).getByRole("link").click();
	await row("api.roku.com")
		.getByText("94 % of 120 homes with such a device (Roku television) contact its domain.")
		.waitFor();
	await tab.seeText("12 homes call a device like this “Roku Ultra” (Roku)");
	await showAll(tab);
	const guess = row(name);
	await guess.getByText("?", { exact: true }).waitFor();
	await guess.getByText("How we know").click();
	await guess.getByText(/name that most other homes know it by, as your collector says$/).waitFor();
	await tab.picture("research-crowd");

	// one click says that others are wrong, and that is shared, too
	const card = tab.page.getByRole("region", { name: "What it is, in your words" });
	await card.getByRole("button", { name: "Wrong" }).last().click();
	await card.getByText("You said that the guess was wrong. What is it?").waitFor();
	await sent((text) => /"label":\[\[\d+,"Roku Ultra","television","Roku","rejected"\]/.test(text));

	// their text is another: nothing goes until the owner agreed to that one
	await research.click();
	await home.call("reword", { text: "We study more than we did." });
	await tab.seeText("The collector has changed its text.");
	await tab.seeText("We study more than we did.");
	const before = await home.call("collected");
	await windowStored(tab);
	await tab.checkAccessible("a changed text");
	await tab.picture("research-changed");
	assert.deepEqual((await home.call("collected")).requests, before.requests);
	await tab.button("I agree: share from now on").click();
	await tab.seeText("What your watched devices do is shared");
	await sent((_, all) => all.length > before.bodies.length);
	await tab.page.getByRole("link", { name: "Devices" }).click();
	await tab.row(devices.tv.address).getByRole("link").click();

	// what they hold is fetched, and deleted piece by piece
	await tab.button("Delete it at the researchers'").click();
	await tab.button("Delete there, and share it no more").click();
	await tab.page.getByRole("checkbox", { name: "Share this device with research", checked: false }).waitFor();
	await research.click();
	await receipt(tab, "device");
	await tab.seeText("Never shared:");
	await tab.button("Delete names there").click();
	await tab.button("Delete all names").click();
	await receipt(tab, "names");
	assert.equal(
		await tab.page.getByRole("checkbox", { name: /^Names that devices ask for/ }).isChecked(),
		false,
	);
	await tab.button("Fetch all of it").click();
	const held = await saved(tab, tab.page.getByRole("link", { name: /^Save it \(/ }));
	assert.match(held, /^\{.*"segment": \d+/);
	await tab.picture("research-rights");

	// to stop is not to erase: what they have stays theirs
	const { deleted } = await home.call("collected");
	await tab.button("Stop sharing").click();
	await tab.button("Stop").click();
	await tab.seeText("Nothing leaves your home.");
	await tab.button("Pause sharing").waitFor({ state: "detached" });
	const stopped = await home.call("collected");
	await windowStored(tab);
	assert.deepEqual(await home.call("collected"), stopped);
	assert.deepEqual(stopped.deleted, deleted);
	await tab.close();
});

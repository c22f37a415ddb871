// SPDX-License-Identifier: GPL-3.0-or-later
// What the page shows of a watched home, and what is set there.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
	PHONE,
	devices,
	home,
	open,
	showAll,
	skip,
	unfold,
	watchTv,
} from "./steps.mjs";

test("a watched TV's chart and table fill, live, with the names it really contacted", { skip }, async () => {
	const tab = await watchTv();
	const shown = () => tab.page.locator("tbody th .text").allInnerTexts();
	const contacted = await home.call("names", { device: "tv" });

	assert.ok(contacted.length >= 7, `the TV contacted ${contacted}`);
	await showAll(tab);
	await tab.until((names) => {
		const rows = [...document.querySelectorAll("tbody th .text")];
		return names.every((name) => rows.some((row) => row.textContent.startsWith(name)));
	}, contacted);
	// a name with a question mark is what others call the address
	for (const row of await shown()) {
		const [name, doubt] = row.split(/\s/);
		assert.ok(
			contacted.includes(name) || /^[0-9a-f.:]+$/.test(name) || doubt === "?",
			`the TV never contacted ${name}`,
		);
	}
	await tab.until(() => document.querySelectorAll(".legend li").length >= 5);
	const before = await tab.page.locator("tbody").first().innerText();
	await tab.until(
		(text) => document.querySelector("tbody").innerText !== text,
		before,
	);
	await tab.checkAccessible("a device's page");
	await tab.picture("device");
	await tab.page.emulateMedia({ colorScheme: "dark" });
	await tab.checkAccessible("a device's page in the dark");
	await tab.picture("device-dark");
	await tab.button("Show fewer").click();
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("device-phone");
	const screens = await tab.page.evaluate(() => document.body.scrollHeight / innerHeight);
	assert.ok(screens < 5, `a phone has to scroll ${screens} screens`);
	await tab.close();
});

test("what is folded away is opened by keyboard, and judged by either set of rules", { skip }, async () => {
	const tab = await watchTv();
	const part = tab.page.locator("details.fold", { hasText: "How it protects what it says" });
	const readable = part.locator("dt:text-is('Readable by others') + dd");

	await part.getByText(/^\d+(\.\d)? % encrypted$/).waitFor();
	await part.locator("summary").first().focus();
	await tab.page.keyboard.press("Enter");
	await part.getByText("names asked for by DNS among them").waitFor();
	await part.getByText(/8\.8\.8\.8 \(DNS\)/).first().waitFor();
	await tab.until(() => !/^0 %/.test(document.querySelector("details.fold dl").innerText));
	await tab.button("The paper’s rules").focus();
	await tab.page.keyboard.press("Space");
	await part.getByText(/^As in the IoT Inspector paper of 2020/).waitFor();
	assert.match(await readable.innerText(), /these rules say nothing/);
	await unfold(tab, "How much of it we see");
	await tab.seeText(/whether more went past us cannot be told from outside/);
	await unfold(tab, "What changed");
	await tab.seeText(/^What it usually does is being learnt until /);
	await unfold(tab, "What it says about itself");
	await showAll(tab);
	await tab.checkAccessible("a device's page with all of it open");
	await tab.picture("device-open");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("device-open-phone");
	await tab.close();
});

test("the chart has the colours of the legend", { skip }, async () => {
	const tab = await watchTv();

	await tab.until(() => document.querySelectorAll(".legend li").length >= 5);
	const missing = await tab.page.evaluate(() => {
		const canvas = document.querySelector("canvas");
		const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
		const painted = new Set();
		for (let i = 0; i < data.length; i += 4)
			painted.add(`rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`);
		const most = document.querySelector(".legend .swatch");
		const colour = getComputedStyle(most).backgroundColor;
		return painted.has(colour) ? null : colour;
	});
	assert.equal(missing, null);
	await tab.close();
});

test("what a device says of itself is shown as text, whatever it is", { skip }, async () => {
	const tab = await open();
	const server = "<img src=x onerror=\"document.title='owned'\">";

	await tab.consent();
	await tab.row(devices.bulb.address).getByRole("switch").waitFor();
	await home.call("notify", { device: "bulb", server });
	await tab.row(devices.bulb.address).getByRole("link").click();
	await unfold(tab, "What it says about itself");
	await tab.seeText(server);
	assert.notEqual(await tab.page.title(), "owned");
	assert.equal(await tab.page.locator("main img").count(), 0);
	await tab.close();
});

test("who an endpoint is stands in one sentence, with tags and how we know", { skip }, async () => {
	const tab = await watchTv();
	const row = tab.page.locator("tbody tr", { hasText: "ad.doubleclick.net" });

	await showAll(tab);
	await row.getByText("Reports to Google, a search and advertising company.").waitFor();
	await row.getByText("advertising", { exact: true }).waitFor();
	await row.getByText("How we know").click();
	await row.getByText(/^[\d.]+ · name /).waitFor();
	await row.getByText(/^advertising, by /).waitFor();
	await tab.close();
});

test("a device is told for what it is, by evidence that is shown", { skip }, async () => {
	const tab = await watchTv();

	await tab.page.getByText(/^Most likely: Roku, /).waitFor();
	const card = tab.page.locator("section.card", { hasText: "Most likely: " });
	await card.getByText(/^\d+ % sure$/).waitFor();
	await card.getByText("Why").click();
	await card.getByRole("listitem").getByText("Roku").first().waitFor();
	await tab.page.getByRole("heading", { level: 1, name: /^Roku / }).waitFor();
	await tab.close();
});

test("a finding shows its evidence, is looked at again and put aside", { skip }, async () => {
	const tab = await watchTv();
	const text = "Its encryption is outdated and can be broken.";
	const finding = tab.page.locator("li.finding", { hasText: text });

	await finding.waitFor();
	await tab.page.getByRole("link", { name: /^Warnings/ }).click();
	await finding.getByRole("link", { name: /^Roku/ }).waitFor();
	await finding.getByText("What this rests on").click();
	await finding.getByRole("listitem").first().waitFor();
	assert.ok((await finding.getByRole("listitem").count()) >= 2, "what was seen, and the rule");
	await tab.checkAccessible("the warnings");
	await tab.picture("warnings");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("warnings-phone");
	await finding.getByRole("button", { name: "Look again" }).click();
	await tab.page.getByText(/^It was seen .* It is called gone after /).waitFor();
	await finding.getByRole("button", { name: "I know, put it aside" }).click();
	await finding.waitFor({ state: "hidden" });
	await tab.page.getByText("1 finding gone or put aside").click();
	await finding.getByText(/dismissed$/).waitFor();
	assert.equal(await finding.getByRole("button").count(), 0);
	await tab.close();
});

test("a finding that goes on is counted on", { skip }, async () => {
	const tab = await watchTv();
	const text = "Its encryption is outdated and can be broken.";
	const finding = tab.page.locator("li.finding", { hasText: text });

	await finding.getByText(/^\d+ times, last /).waitFor({ timeout: 60_000 });
	await tab.close();
});

test("a host of an imported list of malicious ones is an alarm on the page", { skip }, async () => {
	const name = "captive.apple.com";

	await home.call("import_list", {
		name: "bad.txt",
		text: `! Title: Malicious hosts of the lab\n||${name}^\n`,
	});
	const tab = await watchTv();
	await home.call("fetch", { device: "tv", url: `http://${name}/` });
	const finding = tab.page.locator("li.finding", {
		hasText: "It talks to a computer that is known for attacks.",
	});
	await finding.getByText("alarm", { exact: true }).waitFor();
	await finding.getByText("What this rests on").click();
	await finding.getByText(/is in the list Malicious hosts of the lab/).waitFor();
	await showAll(tab);
	const row = tab.page.locator("tbody tr", { hasText: name });
	await row.getByText("malicious", { exact: true }).waitFor();
	await row.getByText(/which the list Malicious hosts of the lab has as malicious/).waitFor();
	await tab.checkAccessible("an alarm");
	await tab.close();
});

test("a link opens its screen at the top", { skip }, async () => {
	const tab = await open({}, { viewport: PHONE });

	await tab.consent();
	await tab.row(devices.laptop.address).getByRole("link").click();
	await tab.see("section.watch-card");
	assert.equal(await tab.page.evaluate(() => scrollY), 0);
	await tab.page.goBack();
	await tab.row(devices.laptop.address).getByRole("switch").waitFor();
	await tab.close();
});

test("settings outlive a reload", { skip }, async () => {
	const tab = await open();

	await tab.consent();
	await tab.page.getByRole("link", { name: "Settings" }).click();
	await tab.page.getByRole("checkbox", { name: /^Ask your router/ }).uncheck();
	await tab.button("Add a time").click();
	await tab.page.getByRole("checkbox", { name: "Sat" }).check();
	await tab.page.getByLabel("from").fill("08:30");
	await tab.until(() => document.querySelector("input[type=time]").value === "08:30");
	await tab.seeText("20 Mbit/s is taken");
	await tab.page.getByLabel("Upload in Mbit/s").fill("40");
	await tab.page.getByLabel("Upload in Mbit/s").press("Tab");
	await tab.seeText("Leave it empty if you do not know.");
	await tab.checkAccessible("the settings");
	await tab.picture("settings");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.page.reload();
	await tab.page.getByLabel("from").waitFor();
	assert.equal(await tab.page.getByLabel("from").inputValue(), "08:30");
	assert.equal(await tab.page.getByLabel("Upload in Mbit/s").inputValue(), "40");
	assert.equal(await tab.page.getByRole("checkbox", { name: "Sat" }).isChecked(), true);
	assert.equal(await tab.page.getByRole("checkbox", { name: "Sun" }).isChecked(), false);
	assert.equal(
		await tab.page.getByRole("checkbox", { name: /^Ask your router/ }).isChecked(),
		false,
	);
	await tab.close();
});

/** Until the collector was sent what fits. */
async function sent(pattern) {
	const end = Date.now() + 30_000;

	while (!pattern.test((await home.call("collected")).text)) {
		assert.ok(Date.now() < end, `nothing that was sent fits ${pattern}`);
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
	await tab.see("pre.bytes");
	const shown = await tab.page.locator("pre.bytes").last().innerText();
	const { text } = await home.call("collected");
	assert.ok(text.includes(shown.trim()), "what is shown is what was sent");
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
	await card.getByText("looks like a person's name").waitFor();
	await tab.checkAccessible("the label form");
	await card.scrollIntoViewIfNeeded();
	await tab.picture("label");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.page.setViewportSize({ width: 1200, height: 900 });

	await sent(/"view":\[\["research",\d+\.\d\]/);
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

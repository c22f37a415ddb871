// SPDX-License-Identifier: GPL-3.0-or-later
// What the owner does on the page, and what becomes of the network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Tab } from "./browser.mjs";
import {
	PHONE,
	browser,
	devices,
	home,
	lookUntil,
	open,
	skip,
	untilDirect,
	untilIntercepted,
	watchTv,
} from "./steps.mjs";

test("before consent there is the text and nothing else, and nothing is sent", { skip }, async () => {
	const tab = await open();

	await tab.see("h1");
	assert.equal(await tab.page.locator("h1").innerText(), "Before anything starts");
	assert.equal(await tab.page.getByRole("navigation").count(), 0);
	assert.equal(await tab.page.getByRole("switch").count(), 0);
	const refused = await tab.page.evaluate(async () => {
		const headers = { "Content-Type": "application/json" };
		const answer = await fetch("/api/scan", { method: "POST", headers, body: "{}" });
		return answer.status;
	});
	assert.equal(refused, 409);
	const router = devices.router.address;
	assert.deepEqual(
		(await home.call("asked")).filter((address) => address !== router),
		[],
		"asked for by ARP",
	);
	await tab.checkAccessible("the consent page");
	await tab.picture("consent");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("consent-phone");
	await tab.close([/409/]);
});

test("consent is not given by half: without the ticks, or with a mistyped address", { skip }, async () => {
	const tab = await open();

	await tab.button("I agree: look for my devices").click();
	await tab.page.getByLabel("Devices never to touch").fill("not-a-mac");
	await tab.seeText("Not a hardware address: not-a-mac");
	await tab.page.getByRole("checkbox", { name: /^Medical/ }).check();
	await tab.page.getByRole("checkbox", { name: /^This is my own/ }).check();
	await tab.button("I agree: look for my devices").click();
	const state = await tab.page.evaluate(async () => {
		return (await (await fetch("/api/status")).json()).state;
	});
	assert.equal(state, "waiting_consent");
	await tab.close();
});

test("after consent the devices of the home appear, an excluded one by its address alone", { skip }, async () => {
	const tab = await open();

	await tab.consent(devices.camera.mac);
	for (const name of ["tv", "bulb", "plug", "speaker", "printer", "phone", "laptop"])
		await tab.row(devices[name].address).getByRole("switch").waitFor();
	await tab.row(devices.router.address).getByText("router", { exact: true }).waitFor();
	const excluded = tab.page
		.getByRole("list", { name: "Excluded: never touched" })
		.getByRole("listitem");
	await excluded.waitFor();
	assert.match(await excluded.innerText(), new RegExp(`^${devices.camera.address}\\s`));
	const text = await tab.page.locator("body").innerText();
	for (const { mac } of Object.values(devices))
		assert.ok(!text.toLowerCase().includes(mac), `${mac} is shown in full`);
	assert.ok(!(await home.call("asked")).includes(devices.camera.address));
	await tab.checkAccessible("the device list");
	await tab.picture("devices");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("devices-phone");
	await tab.close();
});

test("all of it is done by keyboard alone: consent, watching, a device's page, a dialog", { skip }, async () => {
	const tab = await open();
	const press = (key) => tab.page.keyboard.press(key);
	// the page gives it when it has drawn what is new
	const untilFocus = (locator) =>
		lookUntil(
			() => locator.evaluate((one) => one === document.activeElement),
			(hasFocus) => hasFocus,
			() => `${locator} never had the focus`,
		);
	const todo = async (locator, key) => {
		await locator.waitFor();
		await tab.tabTo(locator);
		await press(key);
	};

	for (const box of await tab.page.getByRole("checkbox").all()) await todo(box, "Space");
	await todo(tab.button("I agree: look for my devices"), "Enter");
	await todo(tab.row(devices.tv.address).getByRole("switch"), "Space");
	await tab.row(devices.tv.address).getByText(/^Watching for/).waitFor();
	await untilIntercepted("tv");
	await todo(tab.row(devices.tv.address).getByRole("link"), "Enter");
	await tab.page.getByRole("heading", { level: 1, name: /^Roku/ }).waitFor();
	await untilFocus(tab.page.getByRole("heading", { level: 1 }));

	// every deed of its page is reached, over and over, while its rows move
	await tab.see("tbody tr");
	await tab.tabTo();
	await todo(tab.page.locator(".chart"), "ArrowLeft");
	await tab.seeText(/At \d+:\d+/);
	await press("Escape");
	await tab.seeText("On average:");
	await todo(tab.page.getByRole("button", { name: /^Show all \d+$/ }), "Enter");
	await untilFocus(tab.button("Show fewer"));

	// what goes away when it is pressed leaves the focus to what is next there
	const card = tab.page.getByRole("region", { name: "What it is, in your words" });
	await todo(card.getByRole("button", { name: "Wrong" }), "Enter");
	await card.getByText("You said that the guess was wrong. What is it?").waitFor();
	await tab.until(() => document.activeElement.matches(".label-card input"));

	// a dialog gives the focus back, and Enter alone confirms nothing
	const remove = tab.button("Delete its data");
	await todo(remove, "Enter");
	await untilFocus(tab.button("Cancel"));
	await press("Escape");
	await untilFocus(remove);
	await press("Enter");
	await todo(tab.button("Delete"), "Enter");
	await tab.page.getByRole("dialog").waitFor({ state: "detached" });
	await untilFocus(remove);
	await todo(tab.page.getByRole("switch"), "Space");
	await tab.page.locator(".watch-card").getByText("Not watched").waitFor();
	await untilDirect("tv");
	await tab.close();
});

test("pause puts the network back, resume goes on, and a reload keeps both", { skip }, async () => {
	const tab = await watchTv();

	await tab.button("Pause").click();
	await tab.seeText("Paused: the network is as it was before");
	await untilDirect("tv");
	await tab.page.reload();
	await tab.seeText("Paused: the network is as it was before");
	await tab.picture("paused");
	await tab.button("Resume").click();
	await tab.page.getByText(/^Watching Roku.* since/).waitFor();
	await untilIntercepted("tv");
	await tab.page.reload();
	await tab.page.getByText(/^Watching Roku.* since/).waitFor();
	await tab.close();
});

test("the state of the network is on every screen; one press releases every device", { skip }, async () => {
	const tab = await watchTv();
	const bar = tab.page.getByRole("region", { name: "State of the network" });

	for (const screen of ["Warnings", "Settings", "Research", "Privacy", "Devices"]) {
		await tab.page.getByRole("link", { name: new RegExp(`^${screen}`) }).click();
		await bar.getByText(/^Watching .+ since /).waitFor();
		await bar.getByText(/^\d+(\.\d)? % read$/).waitFor();
		await bar.getByText(/^(nothing|\d+ packets?) missed$/).waitFor();
	}

	await tab.seeText("Details");
	await tab.page.getByText("Details").click();
	await tab.seeText(/^Of the packets that watched devices sent by way of this computer, [\d.]+ % were read/);
	// what is counted is said in words, each of it
	const [counted, missing] = await tab.page.evaluate(async () => {
		const { counters, not_known } = await (await fetch("/api/status")).json();
		return [Object.values(counters).flatMap(Object.keys).length, not_known.length];
	});
	await tab.page.getByText("Everything counted").click();
	assert.equal(await tab.page.locator(".counted details dt").count(), counted);
	// and what there is no list of, once
	assert.equal(await tab.page.locator(".not-known li").count(), missing);
	await tab.checkAccessible("the details");
	await tab.picture("network");
	await tab.button("Put the network back, watch nothing").click();
	await tab.seeText("No device is watched");
	await untilDirect("tv");
	await tab.close();
});

test("with two networks the person is asked", { skip }, async () => {
	await home.call("second_network", { present: true });
	try {
		const tab = await open({ interface: null });

		await tab.consent();
		await tab.seeText("Which network shall be inspected?");
		await tab.page.getByRole("radio", { name: /^other/ }).waitFor();
		await tab.checkAccessible("the choice of the network");
		await tab.picture("networks");
		await tab.page.getByRole("radio", { name: /^eth0/ }).check();
		await tab.button("Inspect this network").click();
		await tab.row(devices.tv.address).waitFor();
		await tab.close();
	} finally {
		await home.call("second_network", { present: false });
	}
});

test("a firewall in the way is named with the command that helps, and the TV let go", { skip }, async () => {
	const tab = await watchTv();

	await home.call("firewall", { present: true });
	try {
		await tab.page.getByRole("status").getByText(/on this computer drops/).waitFor();
		await tab.page.getByRole("status").getByRole("button", { name: /^Copy: / }).waitFor();
		await tab.page.locator(".watch-card").getByText(/^Let go: /).waitFor();
		await untilDirect("tv");
		await tab.checkAccessible("a page with a problem");
		await tab.picture("firewall");
		await tab.button("Hide").focus();
		await tab.page.keyboard.press("Enter");
		await tab.until(() => document.activeElement.matches("main :not(.notice *)"));
	} finally {
		await home.call("firewall", { present: false });
	}
	await tab.page.locator(".watch-card").getByText(/^Watching for/).waitFor({ timeout: 60_000 });
	await tab.close();
});

test("when the limit hides devices, the list says how many and what to do", { skip }, async () => {
	const tab = await open({ options: ["--max-devices", "4"] });

	await tab.consent();
	await tab.page.getByText(/\d+ more devices on your network are not listed/).waitFor();
	await tab.picture("limit");
	await tab.close();
});

test("without the session there is no page", { skip }, async () => {
	const tab = await open();
	const { origin } = new URL(tab.page.url());
	const stranger = await Tab.open(browser, `${origin}/`);

	assert.equal(await stranger.page.locator("h1, body").first().isVisible(), true);
	assert.equal(await stranger.page.getByRole("button").count(), 0);
	await stranger.picture("stranger");
	await stranger.close([/401/]);
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

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

test("the switch is flipped by keyboard, and the TV is intercepted", { skip }, async () => {
	const tab = await open();

	await tab.consent();
	await tab.row(devices.tv.address).getByRole("switch").focus();
	await tab.page.keyboard.press("Space");
	await tab.row(devices.tv.address).getByText(/^Watching for/).waitFor();
	await untilIntercepted("tv");
	await tab.page.keyboard.press("Space");
	await tab.row(devices.tv.address).getByText("Not watched").waitFor();
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

test("watch nothing: one press releases every device", { skip }, async () => {
	const tab = await watchTv();

	await tab.seeText("Details");
	await tab.page.getByText("Details").click();
	await tab.picture("network");
	await tab.button("Put the network back, watch nothing").click();
	await tab.seeText("No device's traffic is intercepted");
	await untilDirect("tv");
	await tab.close();
});

test("stop puts the network back, ends the program and says so", { skip }, async () => {
	const tab = await watchTv();

	await tab.button("Stop and restore").click();
	await tab.seeText("Stopped. The network is as it was before.");
	assert.equal(await home.call("wait_end", { deadline: 20 }), 0);
	await untilDirect("tv");
	await tab.checkAccessible("the page after stop");
	await tab.picture("stopped");
	await tab.close([/net::/]);
});

test("a program that is ended from its terminal says so on the page", { skip }, async () => {
	const tab = await watchTv();

	await home.call("interrupt");
	await tab.seeText("Stopped. The network is as it was before.");
	assert.equal(await home.call("wait_end", { deadline: 20 }), 0);
	await tab.close([/net::/]);
});

test("closing the last page ends the session within 15 seconds and restores", { skip }, async () => {
	const tab = await watchTv({ service: false });
	const closed = Date.now();

	await tab.close();
	// and what it takes to restore
	assert.equal(await home.call("wait_end", { deadline: 15 + 10 }), 0);
	const seconds = (Date.now() - closed) / 1000;
	assert.ok(seconds > 10, `it ended after ${seconds} s`);
	await untilDirect("tv");
});

test("a reload in session mode is not a farewell", { skip }, async () => {
	const tab = await watchTv({ service: false });

	await tab.page.reload();
	await tab.see("canvas");
	await tab.page.getByText(/^Watching Roku.* since/).waitFor();
	await tab.close();
});

test("when the connection is lost the page says so, and comes back by itself", { skip }, async () => {
	const tab = await watchTv();

	await home.call("kill", { process: "hub" });
	await tab.seeText("No connection to the inspector.");
	await tab.picture("lost");
	await tab.until(() => !document.body.innerText.includes("No connection"));
	await tab.page.getByText(/^Watching Roku.* since/).waitFor();
	await tab.close([/net::/]);
});

test("withdrawal with deletion leaves the consent page and no record", { skip }, async () => {
	const tab = await watchTv();

	await tab.until(() => document.querySelectorAll("tbody tr").length > 3);
	await tab.page.getByRole("link", { name: "Privacy" }).click();
	await tab.checkAccessible("the privacy page");
	await tab.picture("privacy");
	await tab.button("Withdraw and delete my data").click();
	await tab.button("Withdraw and delete everything").click();
	await tab.seeText("Before anything starts");
	await tab.page.getByText(/^Deleted: \d+ record/).waitFor();
	await untilDirect("tv");
	await tab.consent();
	await tab.row(devices.tv.address).getByRole("link").click();
	await tab.seeText("No traffic recorded in the last 5 min");
	await tab.close();
});

/** The page of the phone, which its owner has locked. */
async function lockPhone(tab) {
	const { address } = devices.phone;

	await tab.consent();
	await tab.row(address).getByRole("link").click();
	await tab.page.getByRole("button", { name: /^It is somebody's computer/ }).click();
	await tab.button("Lock it and delete its data").click();
	await tab.page.getByRole("heading", { name: `${address} is locked` }).waitFor();
}

/** Once the phone's page is that of a device that may be watched. */
async function untilUnlocked(tab) {
	await tab.page.getByRole("switch").waitFor();
	await tab.page.getByRole("link", { name: "← All devices" }).click();
	await tab.row(devices.phone.address).getByRole("switch").waitFor();
	assert.equal(await tab.page.getByRole("list", { name: /^Locked/ }).count(), 0);
}

test("a locked device is an address and a reason, and nothing more", { skip }, async () => {
	const tab = await open();

	await lockPhone(tab);
	assert.equal(await tab.page.getByRole("switch").count(), 0);
	await tab.button("Unlock it on the device itself").waitFor();
	await tab.page.reload();
	await tab.button("Unlock it on the device itself").waitFor();
	await tab.page.getByRole("link", { name: "← All devices" }).click();
	const row = tab.page.getByRole("list", { name: /^Locked/ }).getByRole("listitem");
	await row.waitFor();
	assert.equal(await row.getByRole("switch").count(), 0);
	assert.equal(await row.innerText(), `${devices.phone.address}\nLocked by you.`);
	await tab.checkAccessible("a list with a locked device");
	await tab.picture("locked");
	await tab.close();
});

test("the whole hardware address unlocks, another is refused in words", { skip }, async () => {
	const tab = await open();

	await lockPhone(tab);
	await tab.page.getByText("It has no browser").click();
	const field = tab.page.getByLabel(/^Its whole hardware/);
	await field.fill("da:a1");
	await tab.seeText("That is no hardware address.");
	await field.fill(devices.tv.mac);
	await tab.button("Unlock").click();
	await tab.seeText("That is not its MAC.");
	await tab.picture("unlock-refused");
	await field.fill(devices.phone.mac.toUpperCase().replaceAll(":", "-"));
	await tab.button("Unlock").click();
	await untilUnlocked(tab);
	await tab.close([/409/]);
});

test("a button pressed on the device itself unlocks it", { skip }, async () => {
	const tab = await open();

	await lockPhone(tab);
	await tab.button("Unlock it on the device itself").click();
	const url = await tab.page.locator("code.address").innerText();
	await tab.checkAccessible("the page of a locked device");
	await tab.page.setViewportSize(PHONE);
	await tab.checkFits();
	await tab.picture("unlock-phone");
	await home.call("fetch", { device: "tv", url, press: true });
	await tab.seeText(`It was opened on another device, ${devices.tv.address}.`);
	assert.match(await home.call("fetch", { device: "phone", url }), /<form/);
	await home.call("fetch", { device: "phone", url, press: true });
	await untilUnlocked(tab);
	await tab.close();
});

test("a phone that announces itself is locked without having been watched", { skip }, async () => {
	const tab = await open();
	const { address } = devices.iphone;

	await tab.consent();
	await tab.row(address).waitFor();
	await home.call("live", { device: "iphone" });
	try {
		const row = tab.page
			.getByRole("list", { name: /^Locked/ })
			.getByRole("listitem")
			.filter({ hasText: address });
		await row.waitFor();
		assert.ok(!(await row.innerText()).includes("Anna"), "its name is withheld");
		await row.getByRole("link").click();
		await tab.page.getByRole("heading", { name: `${address} is locked` }).waitFor();
		await tab.picture("locked-by-itself");
	} finally {
		await home.call("rest", { device: "iphone" });
	}
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
		await tab.page.getByRole("alert").getByText(/on this computer drops/).waitFor();
		await tab.page.getByRole("alert").getByRole("button", { name: /^Copy: / }).waitFor();
		await tab.page.locator(".watch-card").getByText(/^Let go: /).waitFor();
		await untilDirect("tv");
		await tab.checkAccessible("a page with a problem");
		await tab.picture("firewall");
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

test("a thing that came back under another address is made one", { skip }, async () => {
	const { address, mac } = devices.bulb;
	const again = address.replace(/\d+$/, "77");
	const server = "Roku/9.1 UPnP/1.0 Roku/9.1";
	const tab = await open();

	await tab.consent();
	await tab.row(address).getByRole("switch").waitFor();
	await home.call("notify", { device: "bulb", server });
	await tab.row(address).getByText("Roku").first().waitFor();
	await home.call("appear_as", { device: "bulb", mac: "3a:22:01:00:00:77", address: again });
	try {
		await tab.row(again).getByRole("link").waitFor();
		await home.call("notify", { device: "bulb", server });
		await tab.row(again).getByRole("link").click();
		await tab.seeText("Probably the same device as");
		await tab.button("They are the same: make them one").click();
		await tab.seeText("This cannot be undone.");
		await tab.picture("made-one");
		await tab.button("Make them one").click();
		await tab.page.getByRole("link", { name: "← All devices" }).click();
		await tab.row(again).getByRole("link").waitFor();
		await tab.row(address).waitFor({ state: "detached" });
	} finally {
		await home.call("appear_as", { device: "bulb", mac, address });
	}
	await tab.close();
});

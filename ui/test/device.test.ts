// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedDevice } from "../src/api";
import { byAddress, clueText, title, watchWords } from "../src/device";

function device(of: Partial<ListedDevice>): ListedDevice {
	return {
		id: "",
		excluded: false,
		address: null,
		lock: { state: "open", since: null, by: null, reasons: [""], withheld: 0, unlock: null },
		addresses: [],
		oui: null,
		private_mac: false,
		vendor: null,
		name: null,
		names: [],
		gateway: false,
		present: true,
		first_seen: 0,
		last_seen: 0,
		watch: {
			wanted: false,
			phase: "off",
			since: null,
			reason: null,
			ipv6: { phase: "off", reason: null },
			coverage: null,
		},
		in_bytes: 0,
		out_bytes: 0,
		identity: null,
		maybe_same: null,
		...of,
	};
}

test("devices are ordered by the numbers of their address, unknown ones last", () => {
	const sorted = ["10.0.0.10", null, "10.0.0.9", "10.0.0.100"]
		.map((address) => device({ address }))
		.sort(byAddress)
		.map((one) => one.address);

	assert.deepEqual(sorted, ["10.0.0.9", "10.0.0.10", "10.0.0.100", null]);
});

test("a device has a title whatever little is known of it", () => {
	assert.equal(title(device({ name: "kitchen-tv", vendor: "Roku" })), "kitchen-tv");
	assert.equal(title(device({ vendor: "Roku" })), "Roku device");
	assert.equal(title(device({ vendor: "Roku, Inc." })), "Roku device");
	assert.equal(title(device({ vendor: "TP-LINK CO.,LTD." })), "TP-LINK device");
	assert.equal(title(device({ vendor: "Signify B.V." })), "Signify device");
	assert.equal(title(device({ vendor: "Cisco" })), "Cisco device");
	assert.equal(title(device({ gateway: true, vendor: "AVM" })), "Router");
	assert.equal(title(device({})), "Unknown device");
});

test("a released device says why", () => {
	const ipv6 = { phase: "off", reason: null } as const;
	const watch = { wanted: true, since: null, ipv6, coverage: null };

	assert.equal(
		watchWords({ ...watch, phase: "released", reason: "no replies came back" }, 0).text,
		"Let go: no replies came back",
	);
	assert.match(watchWords({ ...watch, phase: "released", reason: null }, 0).text, /not good/);
});

test("of an mDNS service instance the name is shown, as the inspector gave it", () => {
	const read = (text: string) => clueText("mdns_instance", text);

	assert.equal(read("Café .1._http._tcp.local"), "Café .1");
	assert.equal(read("plain._ipp._"), "plain");
	// its own digits, which would be a reversal of what follows
	const hostile = String.raw`\\226\\128\\174moor`;
	assert.equal(read(`${hostile}._ipp._tcp.local`), hostile);
	assert.equal(clueText("mdns_txt", "a._b"), "a._b");
});

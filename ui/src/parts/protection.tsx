// SPDX-License-Identifier: GPL-3.0-or-later
// How well a device protects what it says, to whom it says it, and how much of
// that was seen.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Coverage, ListedDevice, Posture, PostureItem } from "../api";
import { bytes, country, day, plural, share } from "../format";
import { load, windows } from "../store";

export function Protection({ device }: { device: ListedDevice }) {
	const known = useSignal<[Posture, Coverage] | null>(null);

	useEffect(() => {
		void load(() =>
			Promise.all([api.posture(device.id), api.coverage(device.id)]),
		).then((answer) => {
			if (answer) known.value = answer;
		});
	}, [device.id, windows.value.get(device.id)?.start]);

	if (known.value === null) return null;
	const [posture, coverage] = known.value;

	if (posture.since === null) return null;
	return (
		<>
			<section>
				<h2>How it protects what it says</h2>
				<dl class="facts">
					<Secrecy posture={posture} />
					<Tls posture={posture} />
					<Items title="Unencrypted to" items={posture.in_clear} />
					<Items title="Trackers" items={posture.trackers} />
					<Items title="Third parties" items={posture.third_parties} />
					<Items
						title="Countries"
						items={posture.countries.map((one) => ({ ...one, name: country(one.name) }))}
					/>
					<Items title="Asks for names at" items={posture.resolvers} />
				</dl>
			</section>
			<Seen coverage={coverage} />
			<Changes posture={posture} />
		</>
	);
}

function Secrecy({ posture }: { posture: Posture }) {
	const { internet_bytes, encrypted_bytes, credentials_in_clear } = posture.sums;

	return (
		<>
			<dt>Encrypted</dt>
			<dd>
				{internet_bytes === 0
					? "nothing said to the Internet yet"
					: `${share(encrypted_bytes / internet_bytes)} of ${bytes(internet_bytes)}`}
				{credentials_in_clear > 0 &&
					`; a name or password unencrypted ${plural(credentials_in_clear, "time")}`}
			</dd>
		</>
	);
}

const VERSIONS: readonly [string, string][] = [
	["ssl", "SSL"],
	["tls_1_0", "TLS 1.0"],
	["tls_1_1", "TLS 1.1"],
	["tls_1_2", "TLS 1.2"],
	["tls_1_3", "TLS 1.3"],
];

/** What it offers and what it gets, and what today's rules say of it. */
function Tls({ posture }: { posture: Posture }) {
	const { offered, got, current } = posture.sums;

	if (!offered.hellos) return null;
	const bad = [
		current.offered_outdated && `${current.offered_outdated} offered nothing newer than TLS 1.1`,
		current.offered_weak && `${current.offered_weak} offered weak cipher suites`,
		offered.no_sni && `${offered.no_sni} did not say whom it wants`,
	].filter(Boolean);

	return (
		<>
			<dt>TLS</dt>
			<dd>
				{plural(offered.hellos, "connection")}, offered {versions(offered)}
				{(got.servers ?? 0) > 0 && `, got ${versions(got)}`}
				{bad.length > 0 && <small>{bad.join("; ")}</small>}
			</dd>
		</>
	);
}

function versions(counts: Record<string, number>): string {
	return VERSIONS.filter(([key]) => counts[key])
		.map(([, name]) => name)
		.join(", ");
}

/** At most so many names of a list are shown at once. */
const ITEMS_SHOWN = 8;

function Items({ title, items }: { title: string; items: PostureItem[] }) {
	if (items.length === 0) return null;
	const name = (item: PostureItem) =>
		item.note === null ? item.name : `${item.name} (${item.note})`;

	return (
		<>
			<dt>{title}</dt>
			<dd class="text">
				{items.slice(0, ITEMS_SHOWN).map(name).join(", ")}
				{items.length > ITEMS_SHOWN && (
					<details>
						<summary>{items.length - ITEMS_SHOWN} more</summary>
						{items.slice(ITEMS_SHOWN).map(name).join(", ")}
					</details>
				)}
			</dd>
		</>
	);
}

/** How much of it was seen, and what goes round the inspector. */
function Seen({ coverage }: { coverage: Coverage }) {
	return (
		<section>
			<h2>How much of it we see</h2>
			<dl class="facts">
				<dt>Time</dt>
				<dd>
					{coverage.time === null
						? "not watched yet"
						: `intercepted for ${share(coverage.time)} of the time it was watched`}
				</dd>
				{coverage.content !== null && (
					<>
						<dt>Content</dt>
						<dd>
							{share(coverage.content)} of the content of its connections (TCP) went by us
							{coverage.missed_bytes > 0 && `; ${bytes(coverage.missed_bytes)} did not`}
						</dd>
					</>
				)}
				{coverage.releases > 0 && (
					<>
						<dt>Let go</dt>
						<dd>{plural(coverage.releases, "time")}, for a bad connection</dd>
					</>
				)}
			</dl>
			{(coverage.resisted || coverage.round.length > 0) && (
				<ul class="reasons">
					{coverage.resisted && (
						<li>The router or the device defends itself against being watched.</li>
					)}
					{coverage.round.map((one) => (
						<li key={one.what}>{one.text}</li>
					))}
				</ul>
			)}
		</section>
	);
}

const CHANGES: Record<string, string> = {
	first_tracker: "for the first time it contacted a tracker:",
	first_country: "for the first time it talked to somebody in",
	first_plaintext: "for the first time it said something unencrypted:",
	new_fingerprint: "it greeted others in a way not seen before, as after an update:",
	while_away: "it talked while you were away:",
};

function Changes({ posture }: { posture: Posture }) {
	if (posture.changes.length === 0) return null;
	return (
		<section>
			<h2>What changed</h2>
			<ul class="reasons">
				{posture.changes.map((one) => (
					<li key={one.kind + one.at + one.text}>
						<time>{day(one.at)}</time>: {CHANGES[one.kind] ?? one.kind}{" "}
						<span class="text">
							{one.kind === "first_country" ? country(one.text) : one.text}
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}

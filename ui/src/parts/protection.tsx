// SPDX-License-Identifier: GPL-3.0-or-later
// How well a device protects what it says, to whom it says it, and how much of
// that was seen.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api";
import type { Coverage, ListedDevice, Posture, PostureItem } from "../api";
import { bytes, country, day, minute, plural, share, subject } from "../format";
import { load, now, windows } from "../store";
import { Fold } from "./fold";

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
			<Protects posture={posture} />
			<Seen coverage={coverage} />
			<Changes posture={posture} />
		</>
	);
}

/** Two sets of rules, never mixed: today's, and the paper's, so that its figures
 * can be compared. */
const RULES = [
	{
		name: "current",
		label: "Today’s rules",
		says: "What is held to be safe today. Readable: all that goes without encryption, the names that it looks up (DNS) among it. Outdated: encryption by TLS 1.1 or older. Weak: ciphers that can be broken, 3DES among them.",
	},
	{
		name: "paper",
		label: "The paper’s rules",
		says: "What the researchers’ paper of 2020 counted, to compare with it. Readable: web pages without encryption (port 80). Outdated: encryption by SSL 3.0 or TLS 1.0. Weak: RC4, export, NULL, anonymous and DES ciphers.",
	},
] as const;

type Rules = (typeof RULES)[number];

function Protects({ posture }: { posture: Posture }) {
	const rules = useSignal<Rules>(RULES[0]);
	const { internet_bytes, encrypted_bytes } = posture.sums;

	return (
		<Fold
			title="How it protects what it says"
			note={
				internet_bytes === 0
					? "nothing said to the Internet yet"
					: `${share(encrypted_bytes / internet_bytes)} encrypted`
			}
		>
			<div class="spans" role="group" aria-label="Judged by">
				{RULES.map((one) => (
					<button
						key={one.name}
						type="button"
						aria-pressed={one === rules.value}
						onClick={() => (rules.value = one)}
					>
						{one.label}
					</button>
				))}
			</div>
			<p class="muted">{rules.value.says}</p>
			<dl class="facts">
				<Secrecy posture={posture} rules={rules.value} />
				<Tls posture={posture} rules={rules.value} />
				<Fingerprints items={posture.fingerprints} />
				<Items title="Unencrypted to" items={posture.in_clear} />
				<Items title="Trackers" items={posture.trackers} />
				<Items title="Third parties" items={posture.third_parties} />
				<Items
					title="Countries"
					items={posture.countries.map((one) => ({ ...one, name: country(one.name) }))}
				/>
				<Items title="Asks for names at" items={posture.resolvers} />
			</dl>
		</Fold>
	);
}

function Secrecy({ posture, rules }: { posture: Posture; rules: Rules }) {
	const { internet_bytes, encrypted_bytes, credentials_in_clear } = posture.sums;
	const readable = posture.sums[rules.name].unencrypted_bytes ?? 0;
	const rest = internet_bytes - encrypted_bytes - readable;

	return (
		<>
			<dt>Encrypted</dt>
			<dd>
				{internet_bytes === 0
					? "nothing said to the Internet yet"
					: `${share(encrypted_bytes / internet_bytes)} of ${bytes(internet_bytes)}`}
			</dd>
			{internet_bytes > 0 && (
				<>
					<dt>Readable by others</dt>
					<dd>
						{share(readable / internet_bytes)}
						{credentials_in_clear > 0 &&
							`; a name or password among it ${plural(credentials_in_clear, "time")}`}
						{rest > 0 && (
							<small>
								Of {bytes(rest)}{" "}
								{rules.name === "current"
									? "it is not known."
									: "these rules say nothing."}
							</small>
						)}
					</dd>
				</>
			)}
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

/** What it offers and what it gets, and what the rules say of it. */
function Tls({ posture, rules }: { posture: Posture; rules: Rules }) {
	const { offered, got } = posture.sums;
	const by = posture.sums[rules.name];

	if (!offered.hellos) return null;
	const bad = [
		by.offered_outdated && `${by.offered_outdated} offered only outdated ways`,
		by.offered_weak && `${by.offered_weak} would accept a weak cipher`,
		by.got_outdated && `${by.got_outdated} got an outdated way`,
		by.got_weak && `${by.got_weak} got a weak cipher`,
		offered.no_sni && `${offered.no_sni} did not say which server it wants (no SNI)`,
	].filter(Boolean);

	return (
		<>
			<dt>Encrypted connections</dt>
			<dd>
				{offered.hellos}
				<small>
					Ways of encrypting: it offered {versions(offered)}
					{(got.servers ?? 0) > 0 && `, got ${versions(got)}`}
				</small>
				{bad.length > 0 && <small>{bad.join("; ")}</small>}
				{notes(offered, got).map((note) => (
					<small key={note}>{note}</small>
				))}
			</dd>
		</>
	);
}

/** What no rules judge, and is worth knowing. */
function notes(offered: Record<string, number>, got: Record<string, number>): string[] {
	const unsecret = [
		offered.no_forward_secrecy && `${offered.no_forward_secrecy} offered only that`,
		got.no_forward_secrecy && `${got.no_forward_secrecy} got that`,
	].filter(Boolean);

	return [
		unsecret.length > 0 &&
			`Without forward secrecy: ${unsecret.join(", ")}. Who records such a connection and later gets the server’s key can read it.`,
		offered.ech &&
			`${plural(offered.ech, "connection")} offered to hide which server it wants (ECH or ESNI).`,
	].filter((note): note is string => typeof note === "string");
}

/** Programs greet alike: a list for who wants to compare. */
function Fingerprints({ items }: { items: PostureItem[] }) {
	if (items.length === 0) return null;
	return (
		<>
			<dt>Ways of greeting</dt>
			<dd>
				<details>
					<summary>{plural(items.length, "way")} of beginning encrypted connections</summary>
					<small>
						Each program on the device greets servers in its own way. A new one may
						mean an update. Written as their fingerprints (JA4), to compare:
					</small>
					{items.map((one) => (
						<small class="text" key={one.name}>
							{one.name}, {plural(one.count, "time")}, last {day(one.last)}
						</small>
					))}
				</details>
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
		<Fold
			title="How much of it we see"
			note={
				coverage.time === null
					? "nothing measured yet"
					: `${share(coverage.time)} of the time`
			}
		>
			<dl class="facts">
				<dt>Time</dt>
				<dd>
					{coverage.time === null
						? "nothing measured yet"
						: `what it says went by way of this computer for ${share(coverage.time)} of the time it was watched`}
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
				{coverage.unmeasured_bytes > 0 && (
					<>
						<dt>Not measurable</dt>
						<dd>
							{bytes(coverage.unmeasured_bytes)} of what is sent without being counted
							(UDP: video, QUIC, names, time) went by us; whether more went past us cannot
							be told from outside
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
			{(coverage.resisted_by !== null ||
				coverage.resisted_at !== null ||
				coverage.round.length > 0) && (
				<ul class="reasons">
					{coverage.resisted_by === "router" && (
						<li>
							The router seems not to accept that this device is watched: answers came
							for it, and none by way of this computer.
						</li>
					)}
					{coverage.resisted_by !== "router" && coverage.resisted_at !== null && (
						<li>
							At {minute(coverage.resisted_at)} the router seemed not to accept that
							this device is watched.
						</li>
					)}
					{coverage.resisted_by === "device" && (
						<li>
							This device seems not to accept being watched: it sends nothing by way of
							this computer, or says again and again where it is.
						</li>
					)}
					{coverage.round.map((one) => (
						<li key={one.what}>{one.text}</li>
					))}
				</ul>
			)}
		</Fold>
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
	const { changes, learning_until } = posture;
	const learning = learning_until !== null && now.value < learning_until;

	return (
		<Fold
			title="What changed"
			note={
				learning ? "learning its habits" : changes.length === 0 ? "nothing" : `${changes.length}`
			}
		>
			{changes.length === 0 ? (
				<p class="muted">
					{learning
						? `What it usually does is being learnt until ${day(learning_until)}, ${minute(learning_until)}. From then on, what is new is listed here.`
						: "Nothing that it did not do on its first day."}
				</p>
			) : (
				<ul class="reasons">
					{changes.map((one) => (
						<li key={one.kind + one.at + one.text}>
							<time>{day(one.at)}</time>: {CHANGES[one.kind] ?? one.kind}{" "}
							<span class="text">{subject(one.kind, one.text)}</span>
							{one.kind === "new_fingerprint" && " (its fingerprint, JA4)"}
						</li>
					))}
				</ul>
			)}
		</Fold>
	);
}

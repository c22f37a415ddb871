// SPDX-License-Identifier: GPL-3.0-or-later
// What was agreed to, and how to take it back.

import { api } from "../api";
import type { Status } from "../api";
import { plural } from "../format";
import { Ask } from "../parts/ask";
import { Heading } from "../parts/heading";
import { link } from "../route";
import { act, change, notice } from "../store";
import { ConsentText } from "../text/consent";

export function PrivacyScreen({ status }: { status: Status }) {
	const withdraw = async () => {
		const withdrawn = await change(api.withdraw);

		if (withdrawn) location.hash = link({ name: "devices" });
		return withdrawn;
	};
	const remove = async () => {
		const answer = await act(api.deleteAll);

		if (answer)
			notice.value = {
				bad: false,
				text: `Deleted: ${plural(answer.rows, "record")}.`,
			};
	};
	const withdrawAndDelete = async () => {
		if (await withdraw()) await remove();
	};

	return (
		<article class="narrow consent">
			<Heading title="Privacy">Your consent and your data</Heading>
			{status.consent.given_at !== null && (
				<p class="lead">
					You agreed to version {status.consent.given_version} of the text below on{" "}
					{new Date(status.consent.given_at).toLocaleString()}.
				</p>
			)}
			{status.research.state === "sharing" && (
				<p class="lead">
					Since then you agreed to share with researchers: what leaves your home is under{" "}
					<a href={link({ name: "research" })}>Research</a>.
				</p>
			)}
			<section class="deeds">
				<Ask
					label="Withdraw consent"
					confirm="Withdraw and stop inspecting"
					onConfirm={withdraw}
				>
					<p>
						The network is put back as it was and nothing more is sent or read. What
						was recorded stays on this computer.
					</p>
				</Ask>
				<Ask
					label="Withdraw and delete my data"
					confirm="Withdraw and delete everything"
					onConfirm={withdrawAndDelete}
				>
					<p>
						The network is put back as it was, and everything recorded about every
						device is deleted from this computer. This cannot be undone.
					</p>
				</Ask>
				<Ask label="Delete my data" confirm="Delete everything recorded" onConfirm={remove}>
					<p>
						Everything recorded about every device is deleted from this computer. The
						devices that are switched on go on being watched. This cannot be undone.
					</p>
				</Ask>
			</section>
			<ConsentText />
		</article>
	);
}

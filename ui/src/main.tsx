// SPDX-License-Identifier: GPL-3.0-or-later
import { render } from "preact";
import { App } from "./app";
import { followFocus } from "./focus";
import { followAddress } from "./route";
import { connect } from "./store";
import { followViews } from "./views";
import "./style/base.css";
import "./style/parts.css";
import "./style/screens.css";

followAddress();
connect();
followViews();
followFocus();
render(<App />, document.getElementById("page")!);

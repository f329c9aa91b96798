/** Where the web client begins. */
import { render } from "solid-js/web"
import "./session/CameBack.ts"
import { App } from "./app/App.tsx"
import "./Theme.css"

render(() => <App />, document.getElementById("app")!)

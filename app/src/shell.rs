//! The HTML document around the app. It writes its own preload, style sheet and start-up tags, with the nonce of the
//! request's content security policy, so that every address carries the build and nothing needs an inline handler.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::context::{Assets, PageContext};
use crate::environment::Theme;

/// The document of every page.
pub fn shell(_options: LeptosOptions) -> impl IntoView {
    let page = PageContext::get().ok();
    let assets = page.as_ref().map_or_else(Assets::default, |p| (*p.assets).clone());
    let theme = page.as_ref().map_or(Theme::System, |p| p.theme);
    let zone = page.as_ref().map_or_else(|| "UTC".to_owned(), |p| p.zone.clone());
    let now = page.as_ref().map_or_else(String::new, |p| p.engine.now().as_millis().to_string());
    let (script, wasm) = (assets.url("pkg/loopr.js"), assets.url("pkg/loopr.wasm"));
    let start = format!("import('{script}').then(m=>m.default({{module_or_path:'{wasm}'}}).then(()=>m.hydrate()))");
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=theme.name()
            data-zone=zone
            data-now=now
            data-build=assets.build.clone()
        >
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content=color_scheme(theme)/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fafbfc"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0b0d12"/>
                <meta name="robots" content="noindex"/>
                <link rel="stylesheet" href=assets.url("pkg/loopr.css")/>
                <link rel="preload" href=assets.url("fonts/inter.woff2") r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <link rel="modulepreload" href=script nonce=use_nonce()/>
                <link rel="modulepreload" href=assets.url("pkg/__wasm_split.______________________.js") nonce=use_nonce()/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icons/apple-touch-icon.png"/>
                <script r#type="module" nonce=use_nonce() inner_html=start></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

fn color_scheme(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "light dark",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

//! What a browser sees: today a plain status page.

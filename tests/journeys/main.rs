//! Journeys: what people do with the product, over HTTP only.

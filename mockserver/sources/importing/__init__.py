"""Models of ours from OpenAPI documents: facts as they stand, and the meaning that stated rules infer."""

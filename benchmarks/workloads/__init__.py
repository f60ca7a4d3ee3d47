"""What is measured. Each function runs in a fresh process; what it measures itself it prints as one line of JSON."""
